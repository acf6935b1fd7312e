"""Who goes on typing while a save is under way loses nothing, whichever news of it comes first."""

from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from tests.harness.browser import tab_to
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)


def is_answer_to_a_save(response: Response) -> bool:
    return response.request.method == "POST" and response.url.endswith("/report")


def test_words_typed_during_a_save_stay(
    adams: Page, house: House, ready_case: dict[str, Any]
) -> None:
    adams.goto(f"{house.radiology}/read/{ready_case['id']}")
    findings = adams.get_by_label("Findings")
    findings.fill("Base.", timeout=WAITING_MS)
    tab_to(adams, findings)
    panel = adams.get_by_role("complementary", name="Report")
    save = panel.get_by_role("button", name="Save as preliminary")
    written = "Base."
    for number in range(1, 5):
        words = f" Valve {number} is normal."
        expect(save).to_be_enabled()
        with adams.expect_response(is_answer_to_a_save):
            adams.keyboard.press("Control+s")
            adams.keyboard.type(words, delay=35)
        written += words
        expect(findings).to_have_value(written)

    expect(save).to_be_enabled()
    adams.keyboard.press("Control+s")
    expect(panel).to_contain_text("On the server, version 5", timeout=WAITING_MS)
    expect(findings).to_have_value(written)
    expect(panel).not_to_contain_text("Somebody else")
