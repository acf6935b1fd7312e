"""A critical finding: it cannot be overlooked, and is closed only by a read-back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.browser import PHONE, sign_in, window_of
from tests.harness.house import EMBOLISM, House


@pytest.fixture
def find_embolism(house: House) -> Iterator[Callable[[], dict[str, Any]]]:
    """Let Dr. Adams sign a report with a critical finding; return the order."""
    house.answer_alerts()

    def find() -> dict[str, Any]:
        order = house.order()
        house.examine(order, instances=1)
        house.report(order, **EMBOLISM)
        return order

    yield find
    house.answer_alerts()


def dialog_of(page: Page, order: dict[str, Any]) -> Any:
    dialog = page.get_by_role("dialog", name="Critical finding: Pulmonary embolism")
    return dialog.filter(has_text=order["orderNumber"])


def alert_of(house: House, order: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/radiology/alerts?orderId={order['id']}"
    found: dict[str, Any] = house.do(house.staff.manager.get(path))["items"][0]
    return found


def test_finding_is_acknowledged_with_a_read_back(
    smith: Page, house: House, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    order = find_embolism()
    dialog = dialog_of(smith, order)
    expect(dialog).to_be_visible(timeout=30_000)
    expect(dialog).to_contain_text("Embolism in both lower lobes.")
    expect(dialog).to_contain_text("until Dr. Priya Shah is told")

    dialog.get_by_role("button", name="Acknowledge and read back").click()
    expect(dialog).to_contain_text("Please repeat the finding in a few words.")
    dialog.get_by_label("Read-back").fill("Embolism on both sides; heparin now, bed on the ICU")
    dialog.get_by_role("button", name="Acknowledge and read back").click()

    expect(dialog).to_be_hidden(timeout=30_000)
    expect(smith.get_by_role("alert", name="Critical finding")).to_have_count(0)
    alert = alert_of(house, order)
    assert alert["status"] == "CLOSED"
    assert alert["readBackText"] == "Embolism on both sides; heparin now, bed on the ICU"


def test_finding_that_an_amendment_withdraws_says_so_to_whoever_was_told(
    smith: Page, house: House
) -> None:
    """The finding may be treated already; so the alert does not go away by itself."""
    house.answer_alerts()
    order = house.order()
    house.examine(order, instances=1)
    report = house.report(order, **EMBOLISM)
    dialog = dialog_of(smith, order)
    expect(dialog).to_contain_text("Embolism in both lower lobes.", timeout=30_000)

    house.amend(report, "An artefact", impression="No embolism.", hasCriticalFindings=False)

    expect(dialog).to_contain_text(
        "Withdrawn: the report no longer names this finding", timeout=30_000
    )
    assert alert_of(house, order)["status"] == "OPEN"
    house.answer_alerts()


def test_alert_that_is_on_the_screen_is_seen_by_the_board(
    smith: Page, house: House, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    order = find_embolism()

    expect(dialog_of(smith, order)).to_be_visible(timeout=30_000)

    path = f"/api/radiology/alerts/{alert_of(house, order)['id']}"
    house.do(house.staff.manager.until(path, lambda alert: in_app(alert) == "DELIVERED"))


def in_app(alert: dict[str, Any]) -> str:
    return next(one["state"] for one in alert["attempts"] if one["channel"] == "IN_APP")


def test_finding_that_is_put_aside_stays_on_top_of_every_page(
    smith: Page, house: House, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    order = find_embolism()
    expect(dialog_of(smith, order)).to_be_visible(timeout=30_000)

    smith.keyboard.press("Escape")

    expect(dialog_of(smith, order)).to_be_hidden()
    strip = smith.get_by_role("alert", name="Critical finding")
    smith.get_by_role("link", name="New order").first.click()
    expect(strip).to_be_visible()
    assert smith.title().startswith("(1!)")
    strip.get_by_role("button", name="Answer").click()
    dialog = dialog_of(smith, order)
    dialog.get_by_role("button", name="I take it, read-back later").click()
    expect(strip.get_by_role("button", name="Read back")).to_be_visible(timeout=30_000)
    strip.get_by_role("button", name="Read back").click()
    dialog.get_by_label("Read-back").fill("Embolism on both sides")
    dialog.get_by_role("button", name="Read back", exact=True).click()
    expect(strip).to_have_count(0, timeout=30_000)


def test_nobody_is_interrupted_in_a_word(
    smith: Page, house: House, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    smith.get_by_role("link", name="New order").first.click()
    history = smith.get_by_label("History")
    history.click()

    order = find_embolism()
    expect(smith.get_by_role("alert", name="Critical finding")).to_be_visible(timeout=30_000)
    smith.keyboard.type("Operated in 2020")
    expect(history).to_have_value("Operated in 2020")
    expect(dialog_of(smith, order)).to_be_hidden()

    history.blur()
    dialog = dialog_of(smith, order)
    expect(dialog).to_be_visible()
    dialog.get_by_label("Read-back").fill("Embolism on both sides")
    dialog.get_by_role("button", name="Acknowledge and read back").click()
    expect(dialog).to_be_hidden(timeout=30_000)


def test_finding_of_anothers_patient_is_handed_over(
    smith: Page, house: House, browser: Browser, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    order = find_embolism()
    dialog = dialog_of(smith, order)
    expect(dialog).to_be_visible(timeout=30_000)
    dialog.get_by_role("button", name="Not my patient: hand over to…").click()
    dialog.get_by_role("combobox", name="To whom").click()
    smith.get_by_role("option", name="Dr. Emily Jones").click()
    dialog.get_by_label("Why").fill("Moved to the surgical ward this morning")
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog).to_be_hidden(timeout=30_000)
    expect(smith.get_by_role("alert", name="Critical finding")).to_have_count(0)

    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        jones = context.new_page()
        sign_in(jones, house.provider, "dr.jones")
        jones.goto(f"{house.provider}/critical")
        expect(jones.get_by_role("dialog", name="Critical finding")).to_be_visible(timeout=30_000)
        jones.keyboard.press("Escape")
        card = jones.get_by_role("article", name=order["orderNumber"])
        card.get_by_role("button", name="Who was told, and how").click()
        expect(card).to_contain_text("Moved to the surgical ward this morning")
        card.get_by_role("button", name="Answer").click()
        form = jones.get_by_role("dialog")
        form.get_by_label("Read-back").fill("Embolism on both sides, patient on my ward")
        form.get_by_role("button", name="Acknowledge and read back").click()
        expect(card).to_contain_text("No longer in this list", timeout=30_000)
    assert alert_of(house, order)["acknowledgement"]["personName"] == "Dr. Emily Jones"


def test_whom_to_hand_over_to_is_chosen_on_a_phone(
    house: House, browser: Browser, find_embolism: Callable[[], dict[str, Any]]
) -> None:
    """The list once lay outside, the page grew wider for it, and both jumped without end."""
    touch = {"viewport": {"width": PHONE[0], "height": PHONE[1]}, "is_mobile": True}
    with window_of(browser, house.provider, "dr.smith", has_touch=True, **touch) as phone:
        dialog = dialog_of(phone, find_embolism())
        dialog.get_by_role("button", name="Not my patient: hand over to…").tap(timeout=30_000)
        to_whom = dialog.get_by_role("combobox", name="To whom")
        to_whom.tap()
        phone.get_by_role("option", name="Dr. Emily Jones").tap()
        expect(to_whom).to_have_value("Dr. Emily Jones")
