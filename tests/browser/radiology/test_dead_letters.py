"""What could not be handled, and what stands still: in a clinic's words, for who mends it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contracts.events.images_ingested import ImagesIngested, StoredObject
from contracts.topics import IMAGES_INGESTED
from services.clock import utc_now
from services.dicom.header import parse_header
from services.kafka import KafkaSettings, Publisher, outgoing
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    ObjectStorageSettings,
    instance_key,
    open_object_storage,
)
from tests.harness.browser import sign_in, violations
from tests.harness.dicom import write_study
from tests.harness.house import House, study_of
from tests.harness.orders import event

WAITING_MS = 60_000
_API = "/api/radiology"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def diaz(page: Page, house: House) -> Page:
    """Maria Diaz, the manager, signed in."""
    sign_in(page, house.radiology, "manager.diaz")
    return page


@pytest.fixture
def slice_(house: House, tmp_path: Path) -> tuple[dict[str, Any], bytes]:
    """Return an order whose exam runs, and the only image of it."""
    order = house.order()
    house.start(order)
    [file] = write_study(tmp_path, study_of(order), instances=1, rows=32, columns=32)
    return order, file.read_bytes()


def told_by_an_archive(content: bytes) -> ImagesIngested:
    """Return what an archive says of an image that it puts into the store."""
    header = parse_header(content)
    uids = (header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid)
    return ImagesIngested(
        study_instance_uid=uids[0],
        series_instance_uid=uids[1],
        sop_instance_uid=uids[2],
        stored=StoredObject(
            bucket=IMAGES_BUCKET,
            key=instance_key(*uids),
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        ),
        received_by="EXTERNAL",
        received_from="ARCHIVE",
        received_at=utc_now(),
    )


async def publish(house: House, image: ImagesIngested) -> None:
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{house.ports.kafka}")
    async with Publisher(kafka, "archive") as publisher:
        told = event(IMAGES_INGESTED, image, subject=image.study_instance_uid)
        await publisher.publish_many([outgoing(told)])


@asynccontextmanager
async def store_of(house: House) -> AsyncIterator[ObjectStorage]:
    settings = house.installation.environment_of("ingest_worker")
    names = ("endpoint", "port", "access_key", "secret_key", "region")
    found = {name: settings[f"MINIO_{name.upper()}"] for name in names}
    async with open_object_storage(ObjectStorageSettings.model_validate(found)) as storage:
        yield storage


async def put(house: House, image: ImagesIngested, content: bytes) -> None:
    stored = image.stored
    async with store_of(house) as storage:
        await storage.put(stored.bucket, stored.key, content, content_type="application/dicom")


def set_aside(house: House) -> str:
    """Return the place of the one dead letter that nobody has tried again."""
    waiting: list[str] = []

    def is_there(found: dict[str, Any]) -> bool:
        waiting[:] = [each["id"] for each in found["items"] if not each["replayedAt"]]
        return bool(waiting)

    house.do(house.staff.manager.until(f"{_API}/operations/dead-letters", is_there))
    return waiting[0]


def test_image_that_came_before_its_file_is_tried_again(
    diaz: Page, house: House, slice_: tuple[dict[str, Any], bytes]
) -> None:
    order, content = slice_
    image = told_by_an_archive(content)
    house.do(publish(house, image))
    place = set_aside(house)

    diaz.goto(f"{house.radiology}/system")
    row = diaz.get_by_role("row").filter(has_text=place)
    expect(row).to_contain_text("An image", timeout=WAITING_MS)
    expect(row).to_contain_text("Its file is not in the image store.")
    expect(row).to_contain_text("Try again when the file is there.")
    assert violations(diaz) == []

    house.do(put(house, image, content))
    row.get_by_role("button", name="Try again").click()

    expect(row).to_contain_text("Tried again", timeout=WAITING_MS)
    path = f"{_API}/orders/{order['id']}"
    house.do(house.staff.technologist.until(path, lambda found: found["receivedInstances"] == 1))


def decide(page: Page, row: Locator, button: str, reason: str) -> None:
    """Decide over a message with a reason; it leaves the list that is shown."""
    row.get_by_role("button", name=button).click(timeout=WAITING_MS)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Why")).to_be_focused()
    assert violations(page) == []
    dialog.get_by_label("Why").fill(reason)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=WAITING_MS)
    expect(row).to_have_count(0, timeout=WAITING_MS)


def test_image_that_was_sorted_out_otherwise_is_dealt_with_and_can_be_taken_back(
    diaz: Page, house: House, slice_: tuple[dict[str, Any], bytes]
) -> None:
    house.do(publish(house, told_by_an_archive(slice_[1])))
    place = set_aside(house)
    diaz.goto(f"{house.radiology}/system")
    row = diaz.get_by_role("row").filter(has_text=place)
    lists = diaz.get_by_role("radiogroup", name="Which messages")
    waits = diaz.get_by_role("alert").filter(has_text="waits for a decision below")
    expect(waits).to_be_visible(timeout=WAITING_MS)

    decide(diaz, row, "Dealt with", "Sent again from the disc")
    expect(waits).to_have_count(0, timeout=WAITING_MS)
    lists.get_by_text("Dealt with").click()
    expect(row).to_contain_text("Dealt with by Maria Diaz", timeout=WAITING_MS)
    expect(row).to_contain_text("Sent again from the disc")
    assert violations(diaz) == []

    decide(diaz, row, "Take back", "That was another image")
    lists.get_by_text("Open").click()
    decide(diaz, row, "Dealt with", "Sent again from the scanner")


def test_part_that_stands_still_is_named_and_so_is_what_waits(diaz: Page, house: House) -> None:
    diaz.goto(f"{house.radiology}/system")
    reports = diaz.get_by_role("article", name="Reports")
    expect(reports).to_contain_text("Reports are up to date.", timeout=WAITING_MS)

    with house.standing_still("report_consumer"):
        expect(reports).to_contain_text("Reports stand still.", timeout=WAITING_MS)
        expect(reports).to_contain_text("What was sent is not lost")
        expect(diaz.get_by_role("alert")).to_contain_text("A part stands still")
        assert violations(diaz) == []

    expect(reports).to_contain_text("Reports are up to date.", timeout=WAITING_MS)
