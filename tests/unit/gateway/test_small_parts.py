"""Cookies, filters, positions, batches and health: the parts that need no server."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from contracts.events.report_drafted import ReportContent
from contracts.events.request_rejected import RequestRejected
from contracts.topics import ORDER_UPDATED, REQUEST_REJECTED, SNAPSHOTS, Topic
from gateway import positions, preconditions
from gateway.cookies import csrf_token_is_ours, new_csrf_token, seal, unseal
from gateway.errors import BadRequest
from gateway.filters import moments_of, words
from gateway.problems import field_problems
from gateway.read_model.batch import Batch
from gateway.routes.auth import _local
from gateway.system_health import lag_in, process_health, spool_checks
from services.events import Event, new_event
from services.kafka import outgoing
from tests.harness.snapshots import order_snapshot

SECRET = SecretStr("a secret for tests")
PLACES = [(topic.name, number) for topic in SNAPSHOTS for number in range(topic.partitions)]


def test_csrf_token_is_ours_only_when_we_signed_it() -> None:
    token = new_csrf_token(SECRET)

    assert csrf_token_is_ours(token, SECRET)
    assert not csrf_token_is_ours(token, SecretStr("another secret"))
    assert not csrf_token_is_ours("x" + token, SECRET)
    assert not csrf_token_is_ours("", SECRET)
    assert not csrf_token_is_ours(".", SECRET)


def test_sealed_value_that_was_touched_is_worth_nothing() -> None:
    sealed = seal({"state": "s"}, SECRET)

    assert (unseal(sealed, SECRET) or {})["state"] == "s"
    for touched in (sealed[1:], sealed + "x", "", "."):
        assert unseal(touched, SECRET) is None


def test_sealed_value_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cookies.SIGN_IN_SECONDS", -1)

    assert unseal(seal({"state": "s"}, SECRET), SECRET) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "worklist",
        "/a\nSet-Cookie: x",
        "",
    ],
)
def test_foreign_address_is_no_place_to_return_to(address: str) -> None:
    assert _local(address) == "/"


def test_page_of_ours_is_a_place_to_return_to() -> None:
    assert _local("/worklist?modality=CT&page=2") == "/worklist?modality=CT&page=2"


@given(st.dictionaries(st.sampled_from(PLACES), st.integers(0, 2**61)))
def test_position_comes_back_as_it_went(offsets: positions.Offsets) -> None:
    found = positions.decode(positions.encode(offsets)) or {}

    assert {place: offset for place, offset in found.items() if offset} == {
        place: offset for place, offset in offsets.items() if offset
    }


@given(st.text(max_size=300))
def test_any_word_is_a_position_or_none(word: str) -> None:
    found = positions.decode(word)

    assert found is None or set(found) == set(PLACES)


def test_words_of_a_search_are_letters_only() -> None:
    assert words("Müller^Hans 100%_\\") == ["%müller%", "%hans%", "%100\\%\\_\\\\%"]
    assert words("   ") is None


def test_day_ends_where_the_hospital_is() -> None:
    """The night in which clocks are set back has 25 hours."""
    first, last = moments_of(date(2026, 10, 25), date(2026, 10, 25), ZoneInfo("Europe/Berlin"))

    assert first is not None
    assert last is not None
    assert (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("header", "version"), [('"7"', 7), ('W/"7"', 7), ("*", None), (None, None)]
)
def test_if_match_names_a_version(header: str | None, version: int | None) -> None:
    assert preconditions._of_if_match(header) == version


@pytest.mark.parametrize("header", ["7", '"seven"', '""', '"1", "2"', "x"])
def test_if_match_that_is_no_etag_of_ours_is_refused(header: str) -> None:
    with pytest.raises(BadRequest):
        preconditions._of_if_match(header)


def record(
    topic: Topic[Any],
    event: Event[Any],
    offset: int,
    partition: int = 0,
) -> "ConsumerRecord[bytes, bytes]":
    made = outgoing(event)
    return ConsumerRecord(
        topic=topic.name,
        partition=partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=made.key,
        value=made.value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=made.headers,
    )


def order_event(version: int, order_id: object, cause: Event[Any] | None = None) -> Event[Any]:
    data = order_snapshot(id=order_id, version=version)
    return new_event(
        ORDER_UPDATED,
        data,
        subject=order_id,
        source="/t",
        at=datetime.now(UTC),
        caused_by=cause,
    )


def test_of_several_versions_the_newest_is_kept_whatever_their_order() -> None:
    id_ = uuid4()
    place = TopicPartition(ORDER_UPDATED.name, 0)

    batch = Batch.of(
        {place: [record(ORDER_UPDATED, order_event(v, id_), n) for n, v in enumerate((2, 3, 1))]}
    )

    (kept,) = batch.newest()[ORDER_UPDATED.name]
    assert kept.version == 3
    assert batch.next_offsets == {place: 3}


def test_first_snapshot_that_follows_from_a_request_is_its_outcome() -> None:
    id_ = uuid4()
    asked = order_event(1, id_)
    place = TopicPartition(ORDER_UPDATED.name, 0)
    events = [order_event(2, id_, asked), order_event(3, id_, asked)]

    batch = Batch.of({place: [record(ORDER_UPDATED, e, n) for n, e in enumerate(events)]})

    (outcome,) = batch.outcomes()
    assert (outcome.causation_id, outcome.version) == (asked.id, 2)


def test_refusal_is_an_outcome_and_no_snapshot() -> None:
    asked = order_event(1, uuid4())
    refused = RequestRejected(
        code="slot_taken", message="Taken.", subject=asked.key, topic="order.requested"
    )
    event = new_event(
        REQUEST_REJECTED,
        refused,
        subject=asked.id,
        source="/t",
        at=datetime.now(UTC),
        caused_by=asked,
    )

    batch = Batch.of(
        {TopicPartition(REQUEST_REJECTED.name, 0): [record(REQUEST_REJECTED, event, 0)]}
    )

    (outcome,) = batch.outcomes()
    assert outcome.rejection is not None
    assert outcome.version is None
    assert not any(batch.newest().values())


def test_lag_is_read_from_a_workers_figures() -> None:
    figures = (
        "# TYPE radiology_consumer_lag_records gauge\n"
        'radiology_consumer_lag_records{topic="order.created"} 7.0\n'
        "# TYPE radiology_outbox_lag_seconds gauge\n"
        "radiology_outbox_lag_seconds 2.5\n"
    )

    lag, unpublished = lag_in(figures)

    assert [(topic.topic, topic.records) for topic in lag] == [("order.created", 7)]
    assert unpublished == 2.5


def test_images_that_the_store_refuses_or_nobody_can_read_are_told() -> None:
    figures = (
        "# TYPE radiology_spool_refused_files gauge\nradiology_spool_refused_files 3.0\n"
        "# TYPE radiology_spool_damaged_files gauge\nradiology_spool_damaged_files 0.0\n"
    )

    judged = process_health("gateway_dimse", {"room": True, **spool_checks(figures)}, (), 0.0)

    assert judged.state == "DEGRADED"
    assert judged.sentence.startswith("Images from scanners wait for the image store")


def test_process_that_lacks_something_is_degraded_in_plain_words() -> None:
    judged = process_health("alert_worker", {"database": False, "consumers": True}, (), 0.0)

    assert judged.state == "DEGRADED"
    assert judged.sentence == "Critical alerts wait for the database."


def test_worker_that_the_store_refuses_is_told_in_plain_words() -> None:
    judged = process_health("ingest_worker", {"database": True, "object_store": False}, (), 0.0)

    assert judged.state == "DEGRADED"
    assert judged.sentence.startswith("Received images wait for the image store")


def test_process_that_stands_still_is_degraded_though_nothing_is_away() -> None:
    checks = {"database": True, "consumers": True, "progress": False}

    judged = process_health("order_consumer", checks, (), 0.0)

    assert judged.state == "DEGRADED"
    assert judged.sentence == "Orders and appointments wait for a step that does not end."


def test_text_that_is_too_long_is_told_in_characters() -> None:
    with pytest.raises(ValidationError) as refused:
        ReportContent(findings="x" * 70_000)

    [problem] = field_problems(refused.value)

    assert (problem.field, problem.message) == ("findings", "At most 65,536 characters.")
