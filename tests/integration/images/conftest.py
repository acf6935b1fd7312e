"""The image edges on real S3 and Kafka, without the rest of the gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gateway.dimse.scp import StorageScp
from gateway.image_access import MAY_READ, MAY_STORE, Uploader
from gateway.imaging import Imaging, open_imaging
from gateway.imaging_settings import ImagingSettings
from gateway.problems import install_problem_handlers
from gateway.routes import dicomweb
from services.kafka import KafkaSettings
from services.object_storage import ObjectStorage
from tests.acceptance.conftest import free_port
from tests.harness.bus import Bus, open_bus


@pytest.fixture
def imaging_settings(tmp_path: Path) -> ImagingSettings:
    return ImagingSettings(
        spool_dir=tmp_path / "spool",
        dimse_port=free_port(),
        spool_reserve_bytes=0,
        max_request_bytes=50_000_000,
    )


@pytest_asyncio.fixture
async def bus(kafka: KafkaSettings) -> AsyncIterator[Bus]:
    async with open_bus(kafka) as opened:
        yield opened


@pytest_asyncio.fixture
async def imaging(
    imaging_settings: ImagingSettings, object_storage: ObjectStorage, bus: Bus
) -> AsyncIterator[Imaging]:
    async with open_imaging(imaging_settings, object_storage, bus.publisher) as opened:
        scp = StorageScp(imaging_settings, opened.spool)
        scp.start()
        yield opened
        await asyncio.to_thread(scp.stop)


@pytest.fixture
def app(imaging: Imaging) -> FastAPI:
    """The DICOMweb routes, for somebody who may do everything."""
    app = FastAPI()
    app.state.imaging = imaging
    app.include_router(dicomweb.router)
    install_problem_handlers(app)
    app.dependency_overrides[MAY_STORE] = lambda: Uploader("tester")
    app.dependency_overrides[MAY_READ] = lambda: None
    app.dependency_overrides[dicomweb.instances_known] = lambda: 0
    return app


@pytest_asyncio.fixture
async def web(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of theirs."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
