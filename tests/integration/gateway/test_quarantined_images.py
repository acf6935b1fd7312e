"""An image in quarantine is seen before it is decided over, beside what it contradicts."""

import hashlib
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from contracts.enumerations import Role
from contracts.events.images_ingested import StoredObject
from contracts.events.study_updated import QuarantinedInstance, StudyUpdated
from contracts.topics import STUDY_UPDATED
from services.clock import utc_now
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    frames_key,
    instance_key,
    quarantine_key,
)
from tests.harness.dicom import TestInstance, TestPatient, build_instance
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import actor
from tests.harness.snapshots import STARTS, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_audit import rows

TINA = TestPatient(patient_id="MRN-000001", name="Testpatient^Tina")
OTHER = TestPatient(patient_id="MRN-000002", name="Otherpatient^Otto")


@dataclass(frozen=True)
class Bench:
    """Puts images into the store, and tells of a study with one in quarantine."""

    storage: ObjectStorage
    owner: Owner
    person: SignedIn

    async def stored(self, instance: TestInstance) -> StoredObject:
        key = instance_key(
            instance.study_instance_uid, instance.series_instance_uid, instance.sop_instance_uid
        )
        return await self._put(key, instance.content)

    async def received(self, instance: TestInstance, content: bytes | None = None) -> StoredObject:
        content = instance.content if content is None else content
        key = quarantine_key(
            instance.study_instance_uid,
            instance.series_instance_uid,
            instance.sop_instance_uid,
            hashlib.sha256(content).hexdigest(),
        )
        return await self._put(key, content)

    async def _put(self, key: str, content: bytes) -> StoredObject:
        await self.storage.put(IMAGES_BUCKET, key, content, content_type="application/dicom")
        digest = hashlib.sha256(content).hexdigest()
        return StoredObject(bucket=IMAGES_BUCKET, key=key, size_bytes=len(content), sha256=digest)

    async def told(
        self, received: StoredObject | None, stored: StoredObject | None = None
    ) -> tuple[StudyUpdated, str]:
        """Publish the study; return it, and the address of the one in quarantine."""
        held = QuarantinedInstance(
            id=uuid4(),
            sop_instance_uid="2.25.7",
            received_at=STARTS,
            size_bytes=9,
            reason="An image with this number is stored already, with other content.",
            received=received,
            stored=stored,
        )
        study = study_snapshot(quarantined=(held,))
        await self.publish(study)
        return study, f"/api/radiology/studies/{study.study_instance_uid}/quarantine/{held.id}"

    async def publish(self, study: StudyUpdated) -> None:
        uid = study.study_instance_uid
        await self.owner.publish(STUDY_UPDATED, study, uid)

        async def is_there() -> bool:
            return (await self.person.get(f"/api/radiology/studies/{uid}")).status_code == 200

        await eventually(is_there)


async def bench_of(gateway: TestGateway, owner: Owner, storage: ObjectStorage) -> Bench:
    return Bench(storage, owner, await gateway.sign_in(Role.RADIOLOGY_TECH))


def picture(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "image/jpeg",
        "no-store",
    )
    return Image.open(io.BytesIO(answer.content))


async def test_both_images_of_one_uid_are_shown_with_what_they_say_of_themselves(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    seed = uuid4().hex
    first = build_instance(seed=seed, patient=TINA, rows=64, columns=64)
    second = build_instance(seed=seed, patient=OTHER, rows=64, columns=32)
    stored, received = await bench.stored(first), await bench.received(second)
    study, address = await bench.told(received, stored)

    told = (await bench.person.get(address)).json()
    pictures = [
        picture(await bench.person.get(f"{address}/pictures/{which}"))
        for which in ("received", "stored")
    ]

    assert [told[which]["patientId"] for which in ("received", "stored")] == [
        "MRN-000002",
        "MRN-000001",
    ]
    assert told["received"]["patientName"] == "Otherpatient^Otto"
    assert [told[which]["sha256"] for which in ("received", "stored")] == [
        received.sha256,
        stored.sha256,
    ]
    assert told["stored"]["sizeBytes"] == len(first.content)
    assert told["stored"]["sopInstanceUid"] == first.sop_instance_uid
    assert [one.size for one in pictures] == [(32, 64), (64, 64)]
    written = [
        (row["action"], row["resource"].removeprefix(f"{study.study_instance_uid}/"))
        for row in await rows(gateway, bench.person.person_id)
    ]
    held = study.quarantined[0].id
    assert written[-3:] == [
        ("studies.sort", str(held)),
        ("studies.sort", f"{held}/received"),
        ("studies.sort", f"{held}/stored"),
    ]


async def test_another_patients_image_is_shown_beside_one_of_the_study(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    """Nothing is stored under its UID, and yet somebody must see whose study it came into."""
    bench = await bench_of(gateway, owner, object_storage)
    own = build_instance(seed=uuid4().hex, patient=TINA)
    stranger = build_instance(seed=uuid4().hex, patient=OTHER)
    stored = await bench.stored(own)
    study, address = await bench.told(await bench.received(stranger))
    frames = {
        own.sop_instance_uid: {
            "key": stored.key,
            "transferSyntaxUid": "1.2.840.10008.1.2.1",
            "frames": [[0, 1]],
        }
    }
    await object_storage.put(
        IMAGES_BUCKET,
        frames_key(study.study_instance_uid, study.series[0].series_instance_uid),
        zlib.compress(json.dumps(frames).encode(), wbits=31),
        content_type="application/json",
    )

    told = (await bench.person.get(address)).json()
    shown = picture(await bench.person.get(f"{address}/pictures/stored"))

    assert (told["received"]["patientId"], told["stored"]["patientId"]) == (
        "MRN-000002",
        "MRN-000001",
    )
    assert shown.size == (32, 32)


async def test_image_of_a_study_of_which_nothing_is_stored_stands_alone(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    _, address = await bench.told(await bench.received(build_instance(seed=uuid4().hex)))

    told = (await bench.person.get(address)).json()
    beside = await bench.person.get(f"{address}/pictures/stored")

    assert told["stored"] is None
    assert beside.status_code == 404


async def test_what_cannot_be_drawn_is_answered_with_the_reason(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    one = build_instance(seed=uuid4().hex)
    _, address = await bench.told(await bench.received(one, b"nothing that DICOM knows " * 9))

    told = (await bench.person.get(address)).json()["received"]
    answer = await bench.person.get(f"{address}/pictures/received")

    assert (answer.status_code, answer.json()["code"]) == (422, "image_not_drawable")
    assert "DICOM" in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["problem"] == answer.json()["detail"]
    assert len(told["sha256"]) == 64


async def test_image_whose_object_is_lost_is_told_as_lost(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    lost = StoredObject(bucket=IMAGES_BUCKET, key=f"x/{uuid4()}", size_bytes=9, sha256="0" * 64)
    _, address = await bench.told(lost)

    told = (await bench.person.get(address)).json()["received"]
    answer = await bench.person.get(f"{address}/pictures/received")

    assert "no object" in told["problem"]
    assert answer.status_code == 404


async def test_who_may_not_decide_sees_neither(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    _, address = await bench.told(await bench.received(build_instance(seed=uuid4().hex)))
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    doctor = await gateway.sign_in(Role.PROVIDER)

    for person in (reader, doctor):
        for path in (address, f"{address}/pictures/received"):
            answer = await person.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("decided", [False, True], ids=["waiting", "decided"])
async def test_list_counts_images_and_not_the_studies_that_they_came_for(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage, decided: bool
) -> None:
    bench = await bench_of(gateway, owner, object_storage)
    decision = {
        "decision": "DISCARD",
        "decided_by": actor(name="Tom Cole"),
        "decided_at": utc_now(),
    }
    held = [
        QuarantinedInstance(
            id=uuid4(),
            sop_instance_uid="2.25.7",
            received_at=STARTS,
            size_bytes=9,
            reason="other bytes",
            **(decision if decided else {}),
        )
        for _ in range(2)
    ]
    await bench.publish(study_snapshot(quarantined=tuple(held)))

    address = f"/api/radiology/quarantine?pageSize=200&decided={str(decided).lower()}"
    page = (await bench.person.get(address)).json()

    ids = [item["instance"]["id"] for item in page["items"]]
    assert {str(one.id) for one in held} <= set(ids)
    assert page["total"] == len(ids)
