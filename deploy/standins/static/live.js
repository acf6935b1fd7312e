// Keeps a page up to date: every two seconds the page is read again, and those parts marked with `data-live` that
// changed are put in place. A part in which somebody is typing is left alone. Without this script the page works
// too; one reloads it.
const everyMilliseconds = 2000;
const toggle = document.getElementById("live-toggle");
const note = document.getElementById("live-note");

function isBeingEdited(part) {
  const field = document.activeElement;
  return part.contains(field) && field.matches("input, textarea, select") && field.value !== field.defaultValue;
}

function putInPlace(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
  part.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
}

function apply(fresh) {
  let changed = 0;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (!other || part.dataset.seen === other.innerHTML || isBeingEdited(part)) continue;
    const html = other.innerHTML;
    putInPlace(part, other);
    part.dataset.seen = html;
    changed += 1;
  }
  if (changed) note.textContent = `Updated at ${new Date().toLocaleTimeString()}`;
}

async function refresh() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (response.ok) apply(new DOMParser().parseFromString(await response.text(), "text/html"));
}

async function tick() {
  if (toggle.checked && !document.hidden) {
    await refresh().catch(() => { note.textContent = "The stand-in does not answer; trying again."; });
  }
  setTimeout(tick, everyMilliseconds);
}

for (const part of document.querySelectorAll("[data-live]")) part.dataset.seen = part.innerHTML;
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-inline]")) return;
  event.preventDefault();
  await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
  form.reset();
  await refresh();
});
setTimeout(tick, everyMilliseconds);
