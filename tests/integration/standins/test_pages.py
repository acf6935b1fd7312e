"""The pages in a real browser: they refresh, act, and can be used without a mouse or colours."""

import re
import shutil
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.harness.standins import free_port, running_stand_in
from tests.integration.standins.application import Application
from tests.integration.standins.test_telephony import ACCOUNT, HOSPITAL, SMITH, TOKEN

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A narrow screen; a script error or something that the policy forbids fails the test."""
    context = await browser.new_context(viewport={"width": 390, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if "Policy" in m.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []


async def check(page: Page) -> None:
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        results = await Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page is wider than the screen"


async def call(telephony: str, twiml: str) -> None:
    form = {"To": SMITH, "From": HOSPITAL, "Twiml": twiml}
    path = f"{telephony}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN)) as client:
        rule = {"channel": "call", "outcome": "ring", "number": SMITH}
        await client.post(f"{telephony}/control/standing", json=rule)
        (await client.post(path, data=form | {"Timeout": "500"})).raise_for_status()


async def test_a_person_signs_in_with_the_keyboard(identity: str, page: Page) -> None:
    query = (
        "client_id=radiology-portal&response_type=code&scope=openid&code_challenge_method=S256"
        f"&redirect_uri=http://localhost:5178/auth/callback&code_challenge={'a' * 43}"
        "&login_hint=dr.baker"
    )
    await page.route("http://localhost:5178/**", lambda route: route.fulfill(body="the portal"))
    await page.goto(f"{identity}/authorize?{query}")
    await check(page)
    await expect(page.get_by_role("radio", name="Dr. Samuel Baker")).to_be_checked()

    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("The password is wrong.")
    await check(page)
    await page.get_by_label("Password").fill("demo")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile(r"/auth/callback\?code="))
    await page.goto(identity)
    await expect(page.locator("#sessions")).to_contain_text("Dr. Samuel Baker")
    await check(page)


async def test_a_call_appears_by_itself_is_answered_and_a_key_is_pressed(
    telephony: str, page: Page, application: Application
) -> None:
    menu = '<Response><Gather numDigits="1" timeout="600"><Say>Press 1.</Say></Gather></Response>'
    await page.goto(telephony)
    await check(page)

    await call(telephony, menu)
    phone = page.get_by_role("region", name="Dr. John Smith")
    await phone.get_by_role("button", name="Answer").click()
    await expect(phone).to_contain_text("The hospital is listening for a key.")
    await check(page)
    await phone.get_by_role("button", name="1", exact=True).press("Enter")

    await expect(phone).to_contain_text("presses 1")


async def test_a_reply_being_written_is_not_disturbed_by_the_refresh(
    telephony: str, page: Page, application: Application
) -> None:
    await page.goto(telephony)
    box = page.get_by_label("Reply from Dr. John Smith")
    await box.fill("ACK 7K")

    await call(telephony, "<Response><Hangup/></Response>")
    phone = page.get_by_role("region", name="Dr. John Smith")
    await expect(phone.get_by_role("button", name="Answer")).to_be_visible()
    await expect(box).to_have_value("ACK 7K")
    await box.press_sequentially("Q2")
    await box.press("Enter")

    await expect(phone).to_contain_text("ACK 7KQ2")
    await expect(box).to_have_value("")


async def test_the_pages_of_mail_and_workflow_can_be_used_by_everybody(page: Page) -> None:
    async with (
        running_stand_in("mail", {"SMTP_PORT": str(free_port())}) as mail,
        running_stand_in("workflow", {"GATEWAY_URL": "http://127.0.0.1:9"}) as workflow,
    ):
        await page.goto(mail)
        await check(page)
        await page.get_by_label("From now on it").select_option(label="refuses mail (550)")
        await page.get_by_role("button", name="Set").click()
        await expect(page.get_by_text("refuses mail (550)").first).to_be_visible()
        await check(page)

        await page.goto(workflow)
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.locator("#orders")).to_contain_text("goes on by itself")
        await check(page)
