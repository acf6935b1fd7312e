from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from alert_worker.app import compose
from alert_worker.settings import AlertWorkerSettings
from contracts.links import INBOUND_SMS_PATH
from services.database import open_database
from services.mail import MailSettings
from services.telephony import Telephony
from services.telephony_callbacks import TelephonySettings
from tests.conftest import MakeDatabase
from tests.harness.standins import free_port, running_stand_in
from tests.integration.alert_worker.hospital import TELEPHONY_TOKEN, Hospital, Switchboard

LADDER = Path(__file__).parents[3] / "deploy" / "demo" / "on_call.yaml"


@pytest_asyncio.fixture(scope="session")
async def switchboard_server() -> AsyncIterator[Switchboard]:
    switchboard = Switchboard()
    async with switchboard.open():
        yield switchboard


@pytest_asyncio.fixture(scope="session")
async def telephony_url(switchboard_server: Switchboard) -> AsyncIterator[str]:
    settings = {
        "PACE": "0.01",
        "ANSWER_AFTER_SECONDS": "1",
        "MESSAGING_URL": switchboard_server.base_url + INBOUND_SMS_PATH,
    }
    async with running_stand_in("telephony", settings) as url:
        yield url


@pytest_asyncio.fixture(scope="session")
async def mail_ports() -> AsyncIterator[tuple[str, int]]:
    port = free_port()
    async with running_stand_in("mail", {"SMTP_PORT": str(port)}) as url:
        yield url, port


@pytest.fixture
def switchboard(switchboard_server: Switchboard) -> Switchboard:
    switchboard_server.refusals.clear()
    switchboard_server.call_tokens.clear()
    switchboard_server.forged, switchboard_server.deaf = 0, False
    return switchboard_server


@pytest_asyncio.fixture
async def settings(
    make_database: MakeDatabase,
    switchboard: Switchboard,
    telephony_url: str,
    mail_ports: tuple[str, int],
) -> AlertWorkerSettings:
    database = await make_database("alert_worker")
    telephony = TelephonySettings.model_validate(
        {
            "account_sid": "AC00000000000000000000000000000001",
            "auth_token": TELEPHONY_TOKEN,
            "from_number": "+12025550199",
            "api_url": telephony_url,
            "callback_url": switchboard.base_url,
            "timeout_seconds": 1,
        }
    )
    return AlertWorkerSettings(
        database_url=database.url("alert_worker"),
        health_port=1,
        ladder_file=LADDER,
        public_url="https://portal.hospital.example",
        telephony=telephony,
        mail=MailSettings(host="127.0.0.1", port=mail_ports[1], timeout_seconds=1),
    )


@pytest_asyncio.fixture
async def hospital(
    settings: AlertWorkerSettings,
    switchboard: Switchboard,
    telephony_url: str,
    mail_ports: tuple[str, int],
) -> AsyncIterator[Hospital]:
    """Phones, mailboxes and an alert_worker with an empty schema."""
    async with (
        open_database(settings.database_url, application="test") as database,
        compose(database, settings) as parts,
        httpx.AsyncClient(base_url=telephony_url) as phones,
        httpx.AsyncClient(base_url=mail_ports[0]) as mailboxes,
    ):
        for client in (phones, mailboxes):
            (await client.post("/control/reset")).raise_for_status()
        telephony = Telephony(settings.telephony)
        switchboard.telephony, switchboard.parts = telephony, parts
        yield Hospital(database, parts, switchboard, phones, mailboxes)
        (await phones.post("/control/reset")).raise_for_status()
        await telephony.close()
