"""The figures of the viewer, in a real browser on a running system.

    python -m bench.viewer                    # 300 CT slices
    python -m bench.viewer --slices 1500
    RADIOLOGY_TEST_PORTALS=900 python -m bench.viewer    # on a system that runs with these ports

From the double click in the worklist to the first image (on a page that had three seconds to fetch
the viewer ahead, and on one that was never idle), and to all of them; how many images a second a
turning wheel shows, and a clip that is played; memory; the size of what is loaded; the study as a
zip. The images are drawn by the processor (no GPU), on the same cores as everything else.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.archive import take_along
from bench.figures import Result, store
from tests.harness.browser import launch_arguments, sign_in
from tests.harness.house import House, open_house

_WAIT_MS, _LOOK_MS = 240_000, 50
_LOADING = """document.querySelector('[role=progressbar][aria-label="Images loaded"]') !== null"""
_SCREEN = {"width": 1920, "height": 1080}
_GLANCE_MS = 3000
_NEVER_IDLE = "window.requestIdleCallback = () => 0"

_WATCH = """() => {
  const seen = (window.benchViewer = { first: 0, all: 0 });
  addEventListener('dblclick', () => (seen.clicked = performance.now()), true);
  const look = () => {
    const ready = document.querySelector('[data-viewer][data-ready]');
    if (ready && !seen.first) seen.first = performance.now();
    const loading = document.querySelector('[role=progressbar][aria-label="Images loaded"]');
    if (ready && seen.first && performance.now() - seen.first > 300 && !loading && !seen.all)
      seen.all = performance.now();
    requestAnimationFrame(look);
  };
  look();
}"""
_SCROLL = """async () => {
  const cell = document.querySelector('[data-cell=a]');
  const number = () => document.querySelector('[data-testid=image-number-a]').textContent;
  const shown = new Set();
  const began = performance.now();
  let frames = 0;
  while (performance.now() - began < 3000) {
    const step = Math.floor((performance.now() - began) / 1500) % 2 ? -100 : 100;
    cell.querySelector('canvas').dispatchEvent(
      new WheelEvent('wheel', { deltaY: step, bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
    frames += 1;
    shown.add(`${Math.floor((performance.now() - began) / 1500)}/${number()}`);
  }
  return { frames: frames / 3, images: shown.size / 3 };
}"""


_PLAY = """async () => {
  const number = () => document.querySelector('[data-testid=image-number-a]').textContent;
  let [images, last] = [0, number()];
  const began = performance.now();
  while (performance.now() - began < 4000) {
    await new Promise(requestAnimationFrame);
    if (number() !== last) [images, last] = [images + 1, number()];
  }
  return images / 4;
}"""
_CLIP = {"kind": "US", "frames": 75, "rows": 480, "columns": 640, "instances": 1}
_CLIP_RATE = 25


def measure(house: House, browser: Browser, slices: int) -> list[Result]:
    """Return the figures of one case of so many CT slices of 512 by 512."""
    orders = [house.order(priority="STAT") for _ in range(2)]
    for order in orders:
        house.examine(order, instances=slices, rows=512, columns=512)
    clip = house.order(priority="STAT", modality="USG", studyType="Abdominal USG")
    house.examine(clip, **_CLIP)
    results = [_first_without_idle_time(house, browser, orders[0], slices)]
    page = _new_page(browser)
    loaded = _sizes_of(page)
    sign_in(page, house.radiology, "dr.adams")
    page.wait_for_timeout(_GLANCE_MS)
    results.append(_bundle("radiology portal, with the viewer fetched ahead", loaded))
    loaded.clear()
    seen = _open(page, orders[0])
    page.wait_for_timeout(1000)
    speed = page.evaluate(_SCROLL)
    again = _open(page, orders[1])
    name = f"{slices} CT slices"
    aim = "< 1 s" if slices == 300 else ""
    return [
        *results,
        _bundle("viewer, that are left for when the first case is opened", loaded),
        _result(f"{name}, first image", _to_first(seen), "s", aim),
        _result(f"{name}, first image, next case", _to_first(again), "s", aim),
        _result(f"{name}, all images", (seen["all"] - seen["clicked"]) / 1000, "s"),
        _result(f"{name}, frames while the wheel turns", speed["frames"], "frames/s"),
        _result(f"{name}, images shown while the wheel turns", speed["images"], "images/s"),
        _result(f"{name}, JavaScript heap", _heap(page) / 2**20, "MB"),
        _result(f"{name}, largest renderer, RSS", _largest_renderer() / 2**20, "MB"),
        *_planes(page, name),
        *_archive(house, page, orders[0], name),
        _clip(page, clip),
    ]


def _first_without_idle_time(
    house: House, browser: Browser, order: dict[str, Any], slices: int
) -> Result:
    page = _new_page(browser)
    page.add_init_script(_NEVER_IDLE)
    sign_in(page, house.radiology, "dr.adams")
    seen = _open(page, order)
    page.context.close()
    name = f"{slices} CT slices, first image, page never idle before"
    return _result(name, _to_first(seen), "s")


def _new_page(browser: Browser) -> Page:
    return browser.new_context(viewport=_SCREEN).new_page()  # type: ignore[arg-type]


def _to_first(seen: Any) -> float:
    return float(seen["first"] - seen["clicked"]) / 1000


def _open(page: Page, order: dict[str, Any]) -> Any:
    """Open a case from the worklist; return when it was clicked, and when its images came."""
    page.get_by_role("link", name="Worklist").first.click()
    row = page.get_by_role("row").filter(has_text=order["patient"]["mrn"])
    row.wait_for(timeout=_WAIT_MS)
    page.evaluate(_WATCH)
    row.dblclick()
    return _until(page, "window.benchViewer", lambda found: found["all"] > 0)


def _planes(page: Page, name: str) -> list[Result]:
    """Measure the reformat; where it is not offered, say why."""
    page.keyboard.press("m")
    began = page.evaluate("performance.now()")
    try:
        page.wait_for_selector("[data-cell=axial]", timeout=20_000)
    except Exception:  # noqa: BLE001 - whatever the page says instead is the result
        said = page.get_by_role("alert").all_inner_texts()
        print(f"{name}: no reformat; the page says: {' '.join(said) or 'nothing'}")
        return []
    page.wait_for_timeout(200)
    _until(page, _LOADING, lambda found: not found)
    took = page.evaluate("performance.now()") - began
    return [
        _result(f"{name}, three planes", took / 1000, "s"),
        _result(f"{name}, three planes, largest renderer, RSS", _largest_renderer() / 2**20, "MB"),
    ]


def _clip(page: Page, order: dict[str, Any]) -> Result:
    """Count the images of a clip that are shown while it plays."""
    _open(page, order)
    page.keyboard.press(" ")
    page.wait_for_timeout(3000)  # decoded and in memory
    name = f"ultrasound clip, images shown while it plays at {_CLIP_RATE} a second"
    return _result(name, page.evaluate(_PLAY), "images/s", f">= {_CLIP_RATE - 1}")


def _archive(house: House, page: Page, order: dict[str, Any], name: str) -> list[Result]:
    address = f"{house.radiology}/api/radiology/orders/{order['id']}/viewer-data"
    (study,) = page.request.get(address).json()["studies"]
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    return take_along(house.radiology, cookies, study["studyInstanceUid"], name)


def _until(page: Page, expression: str, holds: Callable[[Any], bool]) -> Any:
    """Look until it holds; the page's own policy forbids Playwright to wait inside it."""
    for _ in range(_WAIT_MS // _LOOK_MS):
        if holds(found := page.evaluate(expression)):
            return found
        page.wait_for_timeout(_LOOK_MS)
    raise TimeoutError(expression)


def _sizes_of(page: Page) -> dict[str, int]:
    """Collect the sizes of scripts and styles as they come."""
    sizes: dict[str, int] = {}

    def note(response: Any) -> None:
        if "/assets/" in response.url and response.url.endswith((".js", ".css")):
            sizes[response.url] = int(response.headers.get("content-length") or 0)

    page.on("response", note)
    return sizes


def _bundle(what: str, sizes: dict[str, int]) -> Result:
    return _result(f"scripts and styles of the {what}", sum(sizes.values()) / 1024, "KB")


def _heap(page: Page) -> float:
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    found = metrics.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in found if one["name"] == "JSHeapUsedSize"))


def _largest_renderer() -> int:
    sizes = [0]
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                sizes.append(process.memory_info().rss)
        except psutil.Error:
            continue
    return max(sizes)


def _result(name: str, value: float, unit: str, aim: str = "") -> Result:
    return Result("viewer", name, value, unit, aim)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=300)
    chosen = parser.parse_args()
    with (
        TemporaryDirectory(prefix="radiology-bench-") as folder,
        open_house(Path(folder)) as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**launch_arguments())
        store(*measure(house, browser, chosen.slices))
        browser.close()


if __name__ == "__main__":
    main()
