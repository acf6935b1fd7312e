"""Studies: what the viewer opens, priors, measurements, and what a person must sort out."""

import json
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from contracts.enumerations import MatchState, Role
from contracts.events.study_updated import (
    MeasurementSet,
    PriorStudy,
    QuarantinedInstance,
    StudyMatch,
    StudyUpdated,
)
from contracts.topics import ORDER_UPDATED, REPORT_UPDATED, STUDY_UPDATED
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectStorage,
    frames_key,
    instance_key,
    metadata_key,
)
from tests.harness.gateway import SignedIn, TestGateway
from tests.harness.orders import actor, details, patient
from tests.harness.snapshots import STARTS, order_snapshot, report_snapshot, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner


async def _there(person: SignedIn, path: str) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        response = await person.get(f"/api/radiology/{path}")
        return response.json() if response.status_code == 200 else None

    return await eventually(found, seconds=20)


async def _received(owner: Owner, person: SignedIn, *studies: StudyUpdated) -> None:
    """Tell of studies, and wait until this person sees them."""
    for study in studies:
        await owner.publish(STUDY_UPDATED, study, study.study_instance_uid)
    for study in studies:
        await _there(person, f"studies/{study.study_instance_uid}")


def _metadata(sop: str, number: int) -> dict[str, Any]:
    return {
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
        "00080018": {"vr": "UI", "Value": [sop]},
        "00200013": {"vr": "IS", "Value": [number]},
        "00280010": {"vr": "US", "Value": [512]},
        "00280011": {"vr": "US", "Value": [256]},
        "00281050": {"vr": "DS", "Value": [40.0]},
        "00281051": {"vr": "DS", "Value": [400.0]},
    }


async def test_viewer_data_holds_every_image_with_its_address(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    study = study_snapshot(order)
    uids = study.study_instance_uid, study.series[0].series_instance_uid
    sops = [f"2.25.{uuid4().int}" for _ in range(3)]
    document = json.dumps([_metadata(sop, n) for n, sop in enumerate(sops, 1)]).encode()
    await object_storage.put(
        IMAGES_BUCKET,
        metadata_key(*uids),
        zlib.compress(document, wbits=31),
        content_type="application/dicom+json",
    )
    # Another image came with the first one's UID: its object has the usual key, ours another one.
    keys = {sop: instance_key(*uids, sop) for sop in sops} | {sops[0]: f"kept/{uuid4()}.dcm"}
    frames = {
        sop: {"key": key, "transferSyntaxUid": "1.2.840.10008.1.2.1", "frames": []}
        for sop, key in keys.items()
    }
    await object_storage.put(
        IMAGES_BUCKET,
        frames_key(*uids),
        zlib.compress(json.dumps(frames).encode(), wbits=31),
        content_type="application/json",
    )
    for key, content in ((keys[sops[0]], b"DICM"), (instance_key(*uids, sops[0]), b"other")):
        await object_storage.put(IMAGES_BUCKET, key, content, content_type="application/dicom")
    await owner.publish(ORDER_UPDATED, order, order.id)
    await _received(owner, reader, study)

    path = f"orders/{order.id}/viewer-data"
    data = await _there(reader, path)
    presigned = await _there(reader, f"{path}?links=presigned")
    without_images = await _there(reader, f"{path}?instances=false")

    assert data["study"]["patient"]["mrn"] == order.details.patient.mrn
    assert [instance["sopInstanceUid"] for instance in data["instances"]] == sops
    first = data["instances"][0]
    assert (first["rows"], first["columns"], first["windowCenter"]) == (512, 256, 40.0)
    assert first["imageUrl"] == (
        f"/dicom-web/studies/{uids[0]}/series/{uids[1]}/instances/{sops[0]}"
    )
    async with httpx.AsyncClient() as stranger:
        image = await stranger.get(presigned["instances"][0]["imageUrl"])
    assert image.content == b"DICM"
    assert first["storagePath"] == keys[sops[0]]
    assert without_images == {**data, "instances": []}


async def test_order_without_images_opens_an_empty_viewer(
    gateway: TestGateway, owner: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await owner.publish(ORDER_UPDATED, order := order_snapshot(), order.id)

    data = await _there(reader, f"orders/{order.id}/viewer-data")

    assert (data["study"], data["instances"]) == (None, [])
    assert data["order"]["id"] == str(order.id)


async def _priors(person: SignedIn, path: str) -> list[str]:
    items = (await _there(person, path))["items"]
    return [item["studyInstanceUid"] for item in items]


async def test_priors_of_an_exam_are_those_that_were_ranked_for_its_images(
    gateway: TestGateway, owner: Owner
) -> None:
    """ingest_worker compares persons and ages; the number in a header says nothing by itself."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    person = patient()
    current = order_snapshot(details=details(patient=person))
    before = order_snapshot(details=details(patient=person))
    of_another = order_snapshot()
    prior = study_snapshot(before, study_date=date(2019, 1, 1))
    newer_prior = study_snapshot(
        patient_id=f"0{person.mrn}", study_date=date(2025, 3, 1), modalities_in_study=("MR",)
    )
    mistyped = study_snapshot(of_another, patient_id=person.mrn)
    priors = tuple(
        PriorStudy(study_instance_uid=study.study_instance_uid, comparison_notes=notes)
        for study, notes in ((prior, "Unchanged"), (newer_prior, ""))
    )
    own = study_snapshot(current, priors=priors)
    for order in (current, before, of_another):
        await owner.publish(ORDER_UPDATED, order, order.id)
    await _received(owner, reader, prior, newer_prior, mistyped, own)
    await owner.publish(REPORT_UPDATED, report_snapshot(before), before.id)
    await _there(reader, f"orders/{before.id}/report")

    path = f"patients/{person.id}/prior-studies?orderId={current.id}"
    first = (await _there(reader, path))["items"][0]

    ranked = [prior.study_instance_uid, newer_prior.study_instance_uid]
    assert await _priors(reader, path) == ranked
    assert (first["impression"], first["comparisonNotes"]) == ("Normal chest.", "Unchanged")
    assert await _priors(reader, f"{path}&modality=MRI") == ranked[1:]
    assert await _priors(reader, f"{path}&bodyPart=chest") == ranked


async def test_what_is_stored_of_a_patient_is_decided_by_the_person_not_by_the_number(
    gateway: TestGateway, owner: Owner
) -> None:
    """Before there is an image of the new exam nobody has ranked; newest first."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    number = f"{uuid4().int % 10**9 + 10**9}"
    person = patient(mrn=number, issuer_of_patient_id="HOUSE")
    ordered = order_snapshot(details=details(patient=person))
    before = order_snapshot(details=details(patient=person))
    of_another = order_snapshot()
    header: dict[str, Any] = {"patient_id": f"00{number}", "issuer_of_patient_id": "HOUSE"}
    matched = study_snapshot(before, patient_id="mistyped", study_date=date(2025, 3, 1))
    padded = study_snapshot(**header, study_date=date(2019, 1, 1))
    others = (
        study_snapshot(of_another, **header),
        study_snapshot(**header | {"issuer_of_patient_id": "ELSEWHERE"}),
        study_snapshot(**header, patient_birth_date=date(1999, 9, 9)),
    )
    for order in (ordered, before, of_another):
        await owner.publish(ORDER_UPDATED, order, order.id)
    await _received(owner, reader, matched, padded, *others)

    path = f"patients/{person.id}/prior-studies"

    expected = [matched.study_instance_uid, padded.study_instance_uid]
    assert await _priors(reader, path) == expected
    assert await _priors(reader, f"{path}?orderId={ordered.id}") == expected


async def test_patient_without_a_number_has_no_part_in_the_images_of_unknown_ones(
    gateway: TestGateway, owner: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    person = patient(mrn="UNKNOWN")
    order = order_snapshot(details=details(patient=person))
    study = study_snapshot(patient_id="UNKNOWN")
    await owner.publish(ORDER_UPDATED, order, order.id)
    await _received(owner, reader, study)

    assert await _priors(reader, f"patients/{person.id}/prior-studies") == []


async def test_priors_are_asked_for_with_an_order_of_that_patient(
    gateway: TestGateway, owner: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    await owner.publish(ORDER_UPDATED, order := order_snapshot(), order.id)
    await _there(reader, f"orders/{order.id}")

    path = f"patients/{uuid4()}/prior-studies?orderId={order.id}"

    assert (await reader.get(f"/api/radiology/{path}")).status_code == 404


async def test_measurements_are_saved_as_drawn(gateway: TestGateway, owner: Owner) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    study = study_snapshot(order)
    drawn = {"tool": "Length", "mm": 20.0, "points": [[1.5, 2.5], [3, 4]]}
    owner.answer = lambda event: (
        STUDY_UPDATED,
        study.model_copy(
            update={
                "version": 2,
                "measurements": (
                    MeasurementSet(
                        reader_id=event.data.actor.id,
                        version=1,
                        annotations=event.data.request.annotations,
                        saved_at=STARTS,
                    ),
                ),
            }
        ),
        study.study_instance_uid,
    )
    await owner.publish(ORDER_UPDATED, order, order.id)
    await _received(owner, reader, study)
    path = f"/api/radiology/orders/{order.id}/measurements"

    saved = await reader.put(
        path,
        json={
            "studyInstanceUid": study.study_instance_uid,
            "annotations": [drawn],
            "expectedVersion": 0,
        },
    )
    read = (await reader.get(path)).json()

    assert saved.status_code == 200, saved.text
    assert saved.json()["sets"][0]["annotations"] == [drawn]
    assert read["items"][0]["sets"][0]["readerId"] == reader.person_id


async def test_measurements_on_another_orders_study_are_refused(
    gateway: TestGateway, owner: Owner
) -> None:
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    study = study_snapshot(order)
    await _received(owner, reader, study)

    response = await reader.put(
        f"/api/radiology/orders/{uuid4()}/measurements",
        json={
            "studyInstanceUid": study.study_instance_uid,
            "annotations": [],
            "expectedVersion": 0,
        },
    )

    assert response.status_code == 400


async def test_measurements_are_not_replaced_by_who_names_no_version(
    gateway: TestGateway, owner: Owner
) -> None:
    """Two windows of one reader: the second would remove what was drawn in the first."""
    reader = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    study = study_snapshot(order)
    await _received(owner, reader, study)

    response = await reader.put(
        f"/api/radiology/orders/{order.id}/measurements",
        json={"studyInstanceUid": study.study_instance_uid, "annotations": []},
    )

    assert (response.status_code, response.json()["code"]) == (428, "version_required")
    assert owner.asked == []


async def test_unmatched_study_comes_with_suggestions(gateway: TestGateway, owner: Owner) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    person = patient()
    likely = order_snapshot(details=details(patient=person))
    candidate = order_snapshot()
    study = study_snapshot(
        patient_id=person.mrn,
        match=StudyMatch(
            state=MatchState.SEVERAL_ORDERS, candidate_order_ids=(candidate.id, uuid4())
        ),
    )
    for order in (likely, candidate):
        await owner.publish(ORDER_UPDATED, order, order.id)
        await _there(technologist, f"orders/{order.id}")
    await _received(owner, technologist, study)

    items = (await _there(technologist, "studies/unmatched"))["items"]

    item = next(i for i in items if i["study"]["id"] == str(study.id))
    assert [order["id"] for order in item["suggestions"]] == [str(candidate.id), str(likely.id)]


async def test_what_a_person_has_sorted_is_listed_with_its_order(
    gateway: TestGateway, owner: Owner
) -> None:
    """A match that turns out to be wrong is found and taken back, long after it was made."""
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    order, by = order_snapshot(), actor(Role.RADIOLOGY_TECH)
    matched = StudyMatch(state=MatchState.MATCHED, order_id=order.id, decided_by=by, reason="Asked")
    kept = StudyMatch(state=MatchState.NO_ORDER, decided_by=by, kept_without_order=True)
    by_rule = StudyMatch(state=MatchState.MATCHED, order_id=order.id)
    taken_back = StudyMatch(state=MatchState.NO_ORDER, decided_by=by)
    studies = [study_snapshot(match=match) for match in (matched, kept, by_rule, taken_back)]
    await owner.publish(ORDER_UPDATED, order, order.id)
    await _there(technologist, f"orders/{order.id}")
    await _received(owner, technologist, *studies)

    items = (await _there(technologist, "studies/unmatched?decided=true"))["items"]

    orders_of = {item["study"]["id"]: [o["id"] for o in item["suggestions"]] for item in items}
    found = [orders_of.get(str(study.id)) for study in studies]
    assert found == [[str(order.id)], [], None, None]


async def test_decided_quarantine_leaves_the_list(gateway: TestGateway, owner: Owner) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    held = [
        QuarantinedInstance(
            id=uuid4(),
            sop_instance_uid="2.25.9",
            received_at=STARTS,
            size_bytes=1,
            reason="other bytes",
            decision=decision,
        )
        for decision in ("", "DISCARD")
    ]
    study = study_snapshot(order_snapshot(), quarantined=tuple(held))
    await _received(owner, technologist, study)
    owner.answer = lambda _: (
        STUDY_UPDATED,
        study.model_copy(update={"version": 2, "quarantined": ()}),
        study.study_instance_uid,
    )

    before = (await _there(technologist, "quarantine"))["items"]
    decided = await technologist.post(
        f"/api/radiology/quarantine/{held[0].id}", json={"decision": "DISCARD", "reason": "Copy"}
    )
    after = (await _there(technologist, "quarantine"))["items"]

    assert [item["instance"]["id"] for item in before] == [str(held[0].id)]
    assert decided.status_code == 200
    assert owner.asked[-1].data.request.quarantine_id == held[0].id
    assert after == []


async def test_decided_quarantine_is_listed_for_a_week_with_who_and_why(
    gateway: TestGateway, owner: Owner
) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    now = datetime.now(UTC)
    undecided, fresh, old = [
        QuarantinedInstance(
            id=uuid4(),
            sop_instance_uid="1.2.3",
            received_at=STARTS,
            size_bytes=1,
            reason="other bytes",
            decision="KEEP_AS_NEW" if days else "",
            decided_by=actor(name="Tom Cole") if days else None,
            decided_at=now - timedelta(days=days) if days else None,
            decision_reason="Another slice" if days else "",
        )
        for days in (0, 6, 8)
    ]
    study = study_snapshot(order_snapshot(), quarantined=(undecided, fresh, old))
    uid = study.study_instance_uid
    await _received(owner, technologist, study)
    owner.answer = lambda _: (STUDY_UPDATED, study.model_copy(update={"version": 2}), uid)

    page = await _there(technologist, "quarantine?decided=true")
    await technologist.post(
        f"/api/radiology/studies/{uid}/quarantine/{fresh.id}/reopen", json={"reason": "Wrong one"}
    )

    [item] = page["items"]
    told = item["instance"]
    assert told["id"] == str(fresh.id)
    assert (told["decidedBy"]["name"], told["decisionReason"]) == ("Tom Cole", "Another slice")
    until = datetime.fromisoformat(item["undoUntil"])
    assert now + timedelta(hours=23) < until < now + timedelta(hours=25)
    asked = owner.asked[-1].data.request
    assert (asked.decision, asked.is_taken_back) == ("KEEP_AS_NEW", True)


async def test_image_that_was_left_out_is_put_back_on_request(
    gateway: TestGateway, owner: Owner
) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)
    study = study_snapshot(order_snapshot())
    uid, held = study.study_instance_uid, uuid4()
    await _received(owner, technologist, study)
    owner.answer = lambda _: (STUDY_UPDATED, study.model_copy(update={"version": 2}), uid)

    answer = await technologist.post(
        f"/api/radiology/studies/{uid}/quarantine/{held}/reopen", json={"reason": "Wrong one"}
    )

    asked = owner.asked[-1].data.request
    assert answer.status_code == 200
    assert (asked.quarantine_id, asked.decision, asked.is_taken_back) == (held, "DISCARD", True)
