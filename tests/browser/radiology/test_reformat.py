"""A reformat on a laptop: its slab is set and as thick as it says, and no tool moves for it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.radiology.test_measuring import WAITING_MS, open_case
from tests.harness.browser import violations
from tests.harness.house import House

pytestmark = pytest.mark.timeout(300)

_BETWEEN_CLIPPING_PLANES = """(() => {
  const [{ actor }] = radiologyViewer.stage.viewport('axial').getActors();
  const [one, other] = actor.getMapper().getClippingPlanes().map((plane) => plane.getOrigin()[2]);
  return Math.abs(one - other);
})()"""


def test_slab_is_set_and_the_tools_stay_in_one_row(adams: Page, house: House) -> None:
    order = house.order()
    house.examine(order, instances=12)
    open_case(adams, house, order)
    tools = adams.get_by_role("toolbar", name="Image tools")
    row = tools.bounding_box()

    adams.keyboard.press("m")
    slab = tools.get_by_role("button", name="Slab")
    expect(slab).to_be_visible(timeout=WAITING_MS)
    assert tools.bounding_box() == row

    slab.click()
    expect(adams.get_by_role("dialog", name="Slab")).to_be_visible()
    assert violations(adams) == []
    adams.keyboard.press("ArrowRight")
    adams.keyboard.press("ArrowRight")
    adams.keyboard.press("Escape")

    axial = adams.locator("[data-cell=axial]")
    expect(axial).to_contain_text("MIP 10 mm", timeout=WAITING_MS)
    expect(slab).to_have_accessible_name("Slab, 10 mm")
    expect(slab).to_be_focused()
    assert tools.bounding_box() == row
    assert adams.evaluate(_BETWEEN_CLIPPING_PLANES) == pytest.approx(10)

    tools.get_by_role("button", name="Window presets").click()
    adams.get_by_role("button", name="Lung").click()
    expect(axial).to_contain_text("W 1500")
    tools.get_by_role("button", name="Window presets").click()
    adams.get_by_role("button", name="As the scanner set it").click()
    expect(axial).to_contain_text("W 400")
    expect(axial).to_contain_text("MIP 10 mm")
    assert adams.evaluate(_BETWEEN_CLIPPING_PLANES) == pytest.approx(10)

    adams.keyboard.press("0")
    expect(axial).not_to_contain_text("MIP")
    expect(slab).to_have_accessible_name("Slab")
    assert adams.evaluate(_BETWEEN_CLIPPING_PLANES) < 1
    house.clear(order)
