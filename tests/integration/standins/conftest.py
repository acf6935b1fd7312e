"""Each stand-in started once for the session; every test begins with a clean one."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.harness.standins import running_stand_in
from tests.integration.standins.application import Application

PORTAL = "http://localhost:5178"


@pytest_asyncio.fixture(scope="session")
async def identity_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    state = tmp_path_factory.mktemp("identity")
    async with running_stand_in("identity", {"STATE_DIR": str(state)}) as base_url:
        yield base_url


@pytest_asyncio.fixture
async def identity(identity_process: str) -> str:
    await _reset(identity_process)
    return identity_process


@pytest_asyncio.fixture(scope="session")
async def application_server() -> AsyncIterator[Application]:
    async with Application() as application:
        yield application


@pytest_asyncio.fixture(scope="session")
async def telephony_process(application_server: Application) -> AsyncIterator[str]:
    settings = {"PACE": "0.02", "MESSAGING_URL": application_server.url("/sms")}
    async with running_stand_in("telephony", settings) as base_url:
        yield base_url


@pytest_asyncio.fixture
async def telephony(telephony_process: str, application: Application) -> str:
    await _reset(telephony_process)
    application.forget()
    return telephony_process


@pytest.fixture
def application(application_server: Application) -> Application:
    """The hospital's side of the call-backs: keeps what came, answers as told."""
    application_server.forget()
    return application_server


async def _reset(base_url: str) -> None:
    async with httpx.AsyncClient() as client:
        (await client.post(f"{base_url}/control/reset")).raise_for_status()
