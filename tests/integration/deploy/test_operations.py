"""What an operator does with events that could not be handled."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import pytest
from aiokafka import AIOKafkaConsumer
from rich.console import Console

from contracts.enumerations import Role
from contracts.people import Actor
from deploy.local import operations
from deploy.local.errors import RunnerError
from services import dead_letters
from services.dead_letters import DeadLetter
from services.kafka import KafkaSettings, Outgoing, Publisher

PATIENT = b'{"patient": "Marked^Patient"}'
DIAZ = Actor(id="diaz", name="Maria Diaz", role=Role.RADIOLOGY_MANAGER)


class Decision(Protocol):
    """What a person decides over a letter."""

    async def __call__(
        self, publisher: Publisher, letter: DeadLetter, *, by: Actor, reason: str
    ) -> None: ...


@pytest.fixture(autouse=True)
def _environment(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)


@asynccontextmanager
async def a_dead_letter(kafka: KafkaSettings) -> AsyncIterator[str]:
    """An event that was set aside; gives its place."""
    headers = [
        ("ce_id", b"1"),
        ("dead_worker", b"order_consumer"),
        ("dead_origin", b"order.created/0/5"),
        ("dead_error", b"MalformedEvent"),
        ("dead_reason", b"value is no JSON"),
    ]
    async with Publisher(kafka, "test") as publisher:
        await publisher.publish_many([Outgoing("order.created.dead", b"k", PATIENT, headers)])
    listed = await run(operations.list_dead_letters("order.created"))
    yield next(word for word in listed.split() if word.startswith("order.created.dead/0/"))


async def decide(kafka: KafkaSettings, place: str, decision: Decision, reason: str) -> None:
    letter = await dead_letters.find(kafka, place)
    assert letter is not None
    async with Publisher(kafka, "test") as publisher:
        await decision(publisher, letter, by=DIAZ, reason=reason)


async def run(operation: operations.Operation, code: int = 0) -> str:
    screen = io.StringIO()
    assert await operation(Console(file=screen, width=200)) == code
    return screen.getvalue()


async def test_without_any_it_says_so() -> None:
    assert "No dead letters." in await run(operations.list_dead_letters(""))


async def test_the_list_names_worker_error_and_reason(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as place:
        listed = await run(operations.list_dead_letters(""))

    assert place in listed
    assert "order_consumer" in listed
    assert "MalformedEvent" in listed
    assert "value is no JSON" in listed


async def test_a_place_stays_in_one_piece_on_a_narrow_screen(kafka: KafkaSettings) -> None:
    """It is copied from there, to show or to replay the letter."""
    async with a_dead_letter(kafka) as place:
        narrow = io.StringIO()
        await operations.list_dead_letters("")(Console(file=narrow, width=40))

    assert place in narrow.getvalue()


async def test_the_list_says_what_was_replayed(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as place:
        await run(operations.replay_dead_letter(place))
        listed = await run(operations.list_dead_letters(""))

    _, _, said = listed.partition(place)
    assert "replayed 20" in said.split(".dead/")[0]


async def test_its_content_is_shown_only_when_asked_for(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as place:
        silent = await run(operations.show_dead_letter(place, with_value=False))
        open_ = await run(operations.show_dead_letter(place, with_value=True))

    assert "order.created/0/5" in silent
    assert "Marked" not in silent
    assert PATIENT.decode() in open_


async def test_its_content_is_shown_in_one_piece(kafka: KafkaSettings) -> None:
    """It is read by programs, too; a line break inside a text would make it no JSON."""
    async with a_dead_letter(kafka) as place:
        narrow = io.StringIO()
        screen = Console(file=narrow, width=12, force_terminal=True)
        await operations.show_dead_letter(place, with_value=True)(screen)

    assert PATIENT.decode() in narrow.getvalue()


async def test_a_replay_is_byte_for_byte_and_says_of_which_letter(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as place:
        await run(operations.replay_dead_letter(place))

    options = {"auto_offset_reset": "earliest", **kafka.client_options()}
    async with AIOKafkaConsumer("order.created", **options) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"k", PATIENT)
    assert list(record.headers) == [("ce_id", b"1"), ("dead_replay_of", place.encode())]


async def test_a_replay_is_noted_and_is_no_letter_of_its_own(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as place:
        before = await dead_letters.summaries(kafka, "order.created")
        await run(operations.replay_dead_letter(place))
        after = await dead_letters.summaries(kafka, "order.created")
        found = await dead_letters.find(kafka, place)

    assert [each.id for each in after] == [each.id for each in before]
    [replayed] = [each for each in after if each.id == place]
    assert replayed.replayed_at is not None
    assert found is not None
    assert (found.value, found.replayed_at) == (PATIENT, replayed.replayed_at)


@pytest.mark.parametrize(("worker", "left"), [("order_consumer", 1), ("gateway", 2)])
async def test_a_replay_that_fails_again_takes_the_place_of_the_letter_of_its_worker(
    kafka: KafkaSettings, worker: str, left: int
) -> None:
    async with a_dead_letter(kafka) as place:
        before = len(await dead_letters.summaries(kafka, "order.created"))
        await run(operations.replay_dead_letter(place))
        again = [("dead_worker", worker.encode()), ("dead_replay_of", place.encode())]
        async with Publisher(kafka, "test") as publisher:
            await publisher.publish_many([Outgoing("order.created.dead", b"k", PATIENT, again)])
        after = await dead_letters.summaries(kafka, "order.created")

    assert len(after) == before - 1 + left
    assert after[-1].replayed_at == after[-1].at
    assert (place in [each.id for each in after]) is (left == 2)


async def test_a_list_holds_the_newest_of_a_topic_and_none_of_their_content(
    kafka: KafkaSettings,
) -> None:
    """What lies there for 90 days need not fit into the memory of whoever looks."""
    async with a_dead_letter(kafka), a_dead_letter(kafka) as second, a_dead_letter(kafka) as third:
        listed = await dead_letters.summaries(kafka, "order.created", newest=2)

    assert [each.id for each in listed] == [second, third]
    assert [each.size_bytes for each in listed] == [len(PATIENT)] * 2
    assert PATIENT.decode() not in repr(listed)


async def test_a_settled_letter_is_listed_apart_with_who_and_why(kafka: KafkaSettings) -> None:
    async with a_dead_letter(kafka) as other, a_dead_letter(kafka) as place:
        await decide(kafka, place, dead_letters.settle, "Sent anew")
        settled = await dead_letters.summaries(kafka, "order.created", settled=True, newest=1)
        still_open = await dead_letters.summaries(kafka, "order.created", settled=False)
        said = (await run(operations.list_dead_letters(""))).partition(place)[2]

    [letter] = settled
    assert letter.settled is not None
    assert (letter.id, letter.settled.by, letter.settled.reason) == (place, DIAZ, "Sent anew")
    assert other in [each.id for each in still_open]
    assert place not in [each.id for each in still_open]
    assert "by Maria Diaz: Sent anew" in said.split(".dead/")[0]


async def test_newest_of_a_kind_give_way_to_none_of_the_other(kafka: KafkaSettings) -> None:
    """Whatever is settled must not push what still waits off the list."""
    async with a_dead_letter(kafka) as waiting, a_dead_letter(kafka) as place:
        await decide(kafka, place, dead_letters.settle, "Sent anew")
        listed = await dead_letters.summaries(kafka, "order.created", settled=False, newest=1)

    assert [each.id for each in listed] == [waiting]


async def test_what_is_taken_back_waits_again_and_so_does_what_is_replayed(
    kafka: KafkaSettings,
) -> None:
    async with a_dead_letter(kafka) as place, a_dead_letter(kafka) as second:
        for each in (place, second):
            await decide(kafka, each, dead_letters.settle, "Sent anew")
        await decide(kafka, place, dead_letters.reopen, "It was not")
        await run(operations.replay_dead_letter(second))
        still_open = await dead_letters.summaries(kafka, "order.created", settled=False)
        found = await dead_letters.find(kafka, place)

    assert {place, second} <= {each.id for each in still_open}
    assert [each.settled for each in still_open if each.id in {place, second}] == [None, None]
    assert found is not None
    assert found.settled is None


@pytest.mark.parametrize("place", ["order.created.dead/0/999999", "order.created.dead/1/0"])
async def test_nothing_is_found_where_nothing_lies(kafka: KafkaSettings, place: str) -> None:
    async with a_dead_letter(kafka):
        assert await dead_letters.find(kafka, place) is None


@pytest.mark.parametrize("place", ["", "order.created/0/1", "order.created.dead/0/x", "nonsense"])
async def test_a_wrong_place_is_one_sentence(place: str) -> None:
    with pytest.raises(RunnerError, match="is no place of a dead letter"):
        await run(operations.replay_dead_letter(place))


async def test_an_empty_place_is_one_sentence() -> None:
    with pytest.raises(RunnerError, match="There is nothing at"):
        await run(operations.replay_dead_letter("order.created.dead/0/999999"))


async def test_a_broker_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")

    with pytest.raises(RunnerError, match="does not answer"):
        await run(operations.list_dead_letters(""))
