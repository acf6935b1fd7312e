"""Two refusals at once stand beside each other in the head of the page, over nothing else."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.browser import come_to_rest
from tests.harness.house import House

WAITING_MS = 60_000
HEAD_PX = 44
REFUSALS = [
    "Somebody else has moved the exam to another room. Look at it, and say again what you wanted.",
    "The exam has begun meanwhile, and images have come. Ask the technologist before you go on.",
]
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("width", [1280, 1024, 800])
def test_two_errors_fit_into_the_head_of_a_small_screen(
    cole: Page, house: House, width: int
) -> None:
    cole.set_viewport_size({"width": width, "height": 800})
    order = house.order()
    sentences = iter(REFUSALS)

    def refuse(route: Route) -> None:
        problem = {"status": 409, "code": "order_changed", "title": "", "detail": next(sentences)}
        route.fulfill(status=409, content_type="application/problem+json", json=problem)

    cole.route("**/orders/*/cancel", refuse)
    cole.goto(f"{house.radiology}/schedule?view=list&date={order['scheduledDate']}")
    cole.get_by_role("button").filter(has_text=order["patient"]["mrn"]).click(timeout=WAITING_MS)
    cole.get_by_role("button", name="Cancel the exam").click()
    dialog = cole.get_by_role("dialog", name="Cancel the exam")
    dialog.get_by_label("Why").fill("A mistake")

    for sentence in REFUSALS:
        dialog.get_by_role("button", name="Cancel the exam").click()
        expect(cole.get_by_role("alert").filter(has_text=sentence)).to_be_visible()

    come_to_rest(cole)
    boxes = [cole.get_by_role("alert").filter(has_text=s).bounding_box() for s in REFUSALS]
    left, right = sorted((box for box in boxes if box), key=lambda box: box["x"])
    assert left["x"] + left["width"] <= right["x"]
    assert max(box["y"] + box["height"] for box in (left, right)) <= HEAD_PX
