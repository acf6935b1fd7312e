"""Role by role: what each sees and is offered, and what is refused when its address is typed."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import sign_in
from tests.harness.house import House

WAITING_MS = 60_000
pytestmark = pytest.mark.timeout(300)

_API = "/api/radiology"
_NOBODY = "00000000-0000-4000-8000-00000000ffff"


@dataclass(frozen=True)
class Role:
    """What one person has at one portal."""

    username: str
    portal: str
    offered: tuple[str, ...]
    refused_pages: tuple[str, ...] = ()
    refused_calls: tuple[str, ...] = ()


ROLES = {
    "radiologist": Role(
        "dr.adams",
        "radiology",
        ("Dashboard", "Worklist", "Critical findings", "Schedule", "Reports"),
        ("/upload", "/unmatched", "/system", "/new-order"),
        ("operations/health", "operations/dead-letters", "quarantine"),
    ),
    "technologist": Role(
        "tech.cole",
        "radiology",
        ("Dashboard", "Schedule", "Upload", "Unmatched"),
        ("/worklist", f"/read/{_NOBODY}", "/critical", "/reports", "/system", "/new-order"),
        ("orders/ready-for-read", "reports", "alerts", "operations/health"),
    ),
    "manager": Role(
        "manager.diaz",
        "radiology",
        (
            "Dashboard",
            "Worklist",
            "Critical findings",
            "Schedule",
            "Upload",
            "Reports",
            "Unmatched",
            "System",
        ),
    ),
    "referring doctor": Role(
        "dr.smith",
        "provider",
        ("My orders", "New order", "Critical"),
        (),
        (
            "dashboard",
            "orders/ready-for-read",
            "orders/scheduled",
            "quarantine",
            "operations/health",
        ),
    ),
    "referring doctor among the radiologists": Role(
        "dr.smith",
        "radiology",
        ("Critical findings", "Reports"),
        ("/", "/worklist", "/schedule", "/upload", "/unmatched", "/system"),
    ),
}


@pytest.mark.parametrize("name", ROLES)
def test_role_decides_what_is_seen_and_offered(page: Page, house: House, name: str) -> None:
    role = ROLES[name]
    portal = getattr(house, role.portal)
    house.answer_alerts()
    sign_in(page, portal, role.username)

    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(links).to_have_count(len(role.offered), timeout=WAITING_MS)
    for link, label in zip(links.all(), role.offered, strict=True):
        expect(link).to_contain_text(label)
    for path in role.refused_pages:
        page.goto(portal + path)
        refusal = page.get_by_role("heading", name="Not for your role")
        expect(refusal, f"{path} is open to {role.username}").to_be_visible(timeout=WAITING_MS)
    for path in role.refused_calls:
        assert page.request.get(f"{portal}{_API}/{path}").status == 403, path
