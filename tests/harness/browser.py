"""Chromium as the tests use it, and a person who signs in with it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

from deploy.demo.people import load_people
from tests.harness.house import name_of

# Without a GPU, WebGL is drawn by the processor; newer versions want to be asked for that. Only
# WebGL: a page that is put together in the same way takes a quarter more of the processor.
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_INSTALL = "apt-get install --no-install-recommends chromium fonts-dejavu-core fonts-liberation"


def launch_arguments() -> dict[str, Any]:
    """Return how Playwright shall start the browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.exit(f"There is no Chromium for the tests in a browser. Install it: {_INSTALL}", 4)
    return {"executable_path": chromium, "args": FLAGS}


_sessions: dict[tuple[str, str], Any] = {}
"""Cookies of whoever has signed in, by portal and username."""


def sign_in(page: Page, portal: str, username: str) -> None:
    """Have a browser that nobody has used yet signed in, and wait for the first page.

    A person types a password once; later stories find the session open, as long as it holds.
    """
    page.context.add_cookies(_sessions.get((portal, username), []))
    page.goto(portal)
    # The identity provider asks whose session a story has ended.
    asked = page.get_by_role("button", name="Sign in", exact=True)
    expect(_inside(page).or_(asked)).to_be_visible()
    if asked.is_visible():
        _enter(page, username)
    _sessions[portal, username] = page.context.cookies()


def sign_in_anew(page: Page, portal: str, username: str) -> None:
    """Sign in where somebody has signed out, and wait for the first page."""
    page.goto(portal)
    _enter(page, username)


def _enter(page: Page, username: str) -> None:
    identify(page, username)
    expect(_inside(page)).to_be_visible()


def _inside(page: Page) -> Locator:
    return page.get_by_role("region", name="Portal", exact=True)


@contextmanager
def window_of(browser: Browser, portal: str, username: str, **options: Any) -> Iterator[Page]:
    """Open a browser of one more person, signed in; it is closed at the end."""
    with browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options}) as context:
        page = context.new_page()
        sign_in(page, portal, username)
        yield page


class Line:
    """The live connection of a browser, which a story can cut and mend."""

    def __init__(self, context: BrowserContext) -> None:
        """Stand in the way of the connections that the browser will open."""
        self._is_cut = False
        self._open: list[WebSocketRoute] = []
        context.route_web_socket(re.compile("/api/radiology/live"), self._connect)

    def cut(self) -> None:
        """Close what is open, and let nothing through until it is mended."""
        self._is_cut = True
        for socket in self._open:
            socket.close()
        self._open.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._open.append(socket)


def identify(page: Page, username: str) -> None:
    """Answer the identity provider's page."""
    page.get_by_text(name_of(username), exact=True).click()
    page.get_by_label("Password").fill(load_people().password.get_secret_value())
    page.get_by_role("button", name="Sign in").click()


def tab_to(page: Page, target: Locator, *, most: int = 150) -> None:
    """Press Tab, as one who has no mouse, until something has the focus."""
    for _ in range(most):
        if target.evaluate("e => e.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to a control by Tab once it can be used, and press a key there."""
    expect(target).to_be_enabled(timeout=60_000)
    tab_to(page, target)
    page.keyboard.press(key)


def choose(page: Page, group: Locator, choice: str) -> None:
    """Go to a group of radio buttons by Tab, and by arrows to the choice."""
    tab_to(page, group)
    wanted = group.get_by_label(choice, exact=True)
    page.keyboard.press("Space")
    for _ in range(10):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrows do not reach {choice}")


_AT_REST = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const isEndless = (one) => one.effect?.getComputedTiming().endTime === Infinity;
  // Layout follows a new size within two frames; what moves then begins within the next.
  await frame();
  await frame();
  await frame();
  const isMoving = (one) => one.playState === 'running' && !isEndless(one);
  const moving = document.getAnimations().filter(isMoving);
  await Promise.allSettled(moving.map((one) => one.finished));
  await frame();
}
"""


def come_to_rest(page: Page) -> None:
    """Wait until the page has laid itself out and nothing slides or fades any more.

    What is half faded in has a colour that is no finding, and what slides is not yet in its place.
    """
    page.evaluate(_AT_REST)


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page, each with where."""
    come_to_rest(page)
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {re.sub(chr(10), ' ', str(one['nodes'][0]['target']))}" for one in found]


def look_into(page: Page, opener: Locator, shown: Locator) -> None:
    """Open a dialog or menu by keyboard, have axe look at it, close it, and be where one was."""
    expect(opener).to_be_enabled(timeout=60_000)
    opener.press("Enter")
    expect(shown).to_be_visible(timeout=60_000)
    found = violations(page)
    assert found == [], found
    if shown.get_by_role("combobox", expanded=True).count():
        page.keyboard.press("Escape")  # closes the list that its first field has opened
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(opener).to_be_focused()


def look_into_each(page: Page, within: Page | Locator, dialogs: dict[str, str]) -> None:
    """Look into dialogs by the name of their button, and their title."""
    for verb, title in dialogs.items():
        opener = within.get_by_role("button", name=verb, exact=True)
        look_into(page, opener, page.get_by_role("dialog", name=title))


def paths_of(portal: str) -> set[str]:
    """Return the addresses of a portal's pages, as its router has them; `{id}` is an order's."""
    router = Path(__file__).parents[2] / "portals" / portal / "src" / "app" / "router.tsx"
    paths = re.findall(r"path: '([^']+)'", router.read_text())
    assert paths, f"no paths in {router}"
    return {path.replace("$orderId", "{id}") for path in paths}


LAPTOP, FOUR_K, PHONE = (1366, 768), (3840, 2160), (390, 844)
_MISFITS = """
() => {
  const name = (e) => e.getAttribute('aria-label') ?? (e.textContent.trim().slice(0, 40) || e.id);
  const isShown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  // A day on the timeline is wider than any screen, and its free slots lie below appointments.
  const isTimeline = (e) => e.closest('[aria-label="Rooms and appointments"]') !== null;
  const wide = [...document.querySelectorAll('*')].filter((e) => {
    const { overflowX } = getComputedStyle(e);
    return ['auto', 'scroll'].includes(overflowX) && e.scrollWidth > e.clientWidth + 1
      && e.clientWidth > 0 && !isTimeline(e);
  });
  const controls = document.querySelectorAll('button, a:not([href="#content"]), input');
  const covered = [...controls].filter((e) => {
    if (!isShown(e) || isTimeline(e) || e.closest('[role=dialog], [aria-hidden=true], label')) {
      return false;
    }
    e.scrollIntoView({ block: 'center', inline: 'nearest' });
    const box = e.getBoundingClientRect();
    if (box.width < 4 || box.height < 4) return false;
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return at === null || !(e.contains(at) || at.contains(e) || e.parentElement.contains(at));
  });
  return [
    ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : []),
    ...wide.map((e) => `scrolls sideways: ${name(e)}`),
    ...covered.map((e) => `out of reach: ${name(e)}`),
  ];
}
"""


def misfits(page: Page, size: tuple[int, int]) -> list[str]:
    """Return what of the page does not fit a screen: too wide, or a control that is covered."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    come_to_rest(page)
    found: list[str] = page.evaluate(_MISFITS)
    return found
