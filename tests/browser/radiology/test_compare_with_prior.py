"""A case beside its priors: the one that is asked for hangs there, and both scroll together."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import WAITING_MS, open_case
from tests.harness.house import House, study_of

pytestmark = pytest.mark.timeout(300)

_STUDY = "cell => (radiologyViewer.view(cell)?.imageId ?? '').split('/studies/')[1]?.split('/')[0]"
_SEEN = "cell => (({ width, zoom }) => [width, zoom])(radiologyViewer.view(cell))"
_HAND = "([cell, index]) => { radiologyViewer.activate(cell); radiologyViewer.goTo(index, cell); }"


def examined(house: House, year: int, instances: int, **order: Any) -> dict[str, Any]:
    made = house.order(**order)
    house.examine(made, instances=instances, study_date=date(year, 3, 1))
    return made


def test_prior_that_is_asked_for_hangs_beside_and_follows(adams: Page, house: House) -> None:
    first = examined(house, 2023, 6)
    second = examined(house, 2024, 9, patient=first["patient"])
    current = examined(house, 2025, 12, patient=first["patient"])
    older, oldest = (str(study_of(order).study_instance_uid) for order in (second, first))
    open_case(adams, house, current)
    panel = adams.get_by_role("complementary", name="Report")
    panel.get_by_role("tab", name="Priors").click()
    priors = panel.get_by_role("tabpanel", name="Priors")
    numbers = {cell: adams.get_by_test_id(f"image-number-{cell}") for cell in "ab"}

    def compare(images: int) -> None:
        prior = priors.get_by_text(f"· {images} images").locator(
            "xpath=ancestor::div[.//button][1]"
        )
        prior.get_by_role("button", name="Compare").click()
        expect(numbers["b"]).to_contain_text(f"/ {images}", timeout=WAITING_MS)

    compare(9)
    assert adams.evaluate(_STUDY, "b") == older
    adams.evaluate(_HAND, ["b", 5])
    expect(numbers["b"]).to_contain_text("6 / 9")
    adams.evaluate(_HAND, ["a", 3])
    expect(numbers["a"]).to_contain_text("4 / 12")

    adams.keyboard.press("k")
    link = adams.get_by_role("button", name="Link here: scroll both together")
    expect(link).to_have_attribute("aria-pressed", "true")
    adams.keyboard.press("ArrowDown")
    expect(numbers["a"]).to_contain_text("5 / 12")
    expect(numbers["b"]).to_contain_text("7 / 9")
    adams.keyboard.press("2")
    adams.keyboard.press("+")
    expect(adams.locator("[data-cell=b]")).to_contain_text("W 1500")
    assert adams.evaluate(_SEEN, "a") == pytest.approx(adams.evaluate(_SEEN, "b"))

    compare(6)
    assert adams.evaluate(_STUDY, "b") == oldest
    expect(link).to_have_attribute("aria-pressed", "false")
    adams.evaluate(_HAND, ["a", 0])
    expect(numbers["a"]).to_contain_text("1 / 12")
    expect(numbers["b"]).to_contain_text("4 / 6")

    adams.keyboard.press("k")
    expect(link).to_have_attribute("aria-pressed", "true")
    adams.keyboard.press("Shift+K")
    expect(link).to_have_attribute("aria-pressed", "false")
    for order in (first, second, current):
        house.clear(order)


def test_notes_that_were_not_saved_come_back(adams: Page, house: House) -> None:
    first = examined(house, 2024, 4)
    current = examined(house, 2025, 4, patient=first["patient"])
    adams.on("dialog", lambda dialog: dialog.accept())  # the browser asks before it leaves
    open_case(adams, house, current)
    panel = adams.get_by_role("complementary", name="Report")
    notes = panel.get_by_label("Notes on this comparison")
    panel.get_by_role("tab", name="Priors").click()
    panel.get_by_role("button", name="Write notes").click(timeout=WAITING_MS)
    notes.fill("Larger by 3 mm.")
    expect(panel.get_by_text("Kept in this browser, not on the server yet")).to_be_visible()

    adams.reload()

    expect(adams.get_by_text("Your unsaved notes are back")).to_be_visible(timeout=WAITING_MS)
    panel.get_by_role("tab", name="Priors").click()
    expect(notes).to_have_value("Larger by 3 mm.")
    panel.get_by_role("button", name="Save the notes").click()
    expect(notes).to_have_count(0, timeout=WAITING_MS)
    expect(panel.get_by_text("Larger by 3 mm.")).to_be_visible()
    adams.reload()
    panel.get_by_role("tab", name="Priors").click(timeout=WAITING_MS)
    expect(panel.get_by_text("Larger by 3 mm.")).to_be_visible(timeout=WAITING_MS)
    expect(notes).to_have_count(0)
    for order in (first, current):
        house.clear(order)
