"""Requests under way, dead letters, and the health of every process."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from contracts.api.operations import (
    DeadLetterDetail,
    DeadLetters,
    DeadLetterSummary,
    DecideDeadLetter,
    RequestState,
    Settlement,
    SystemHealth,
)
from contracts.events.request_rejected import RequestRejected
from contracts.topics import (
    ALERT_UPDATED,
    EQUIPMENT_UPDATED,
    ORDER_UPDATED,
    REPORT_UPDATED,
    STUDY_UPDATED,
    TOPICS,
)
from gateway.access import Permit, may
from gateway.answers import READ, problems
from gateway.context import Gateway, TheGateway
from gateway.errors import DeadLetterDecided, NotFound
from gateway.permissions import Action
from gateway.problems import problem_of
from gateway.routes.router import new_router
from services import dead_letters
from services.dead_letters import DeadLetter, Summary

router = new_router("operations")

_LISTED = 500
_SHOWN_BYTES = 65_536
_DECISION = problems(400, 401, 403, 404, 409, 415, 422, 503)
_RESOURCES = {
    ORDER_UPDATED.name: "/api/radiology/orders/{}",
    EQUIPMENT_UPDATED.name: "/api/radiology/equipment/{}",
    STUDY_UPDATED.name: "/api/radiology/studies/{}",
    REPORT_UPDATED.name: "/api/radiology/orders/{}/report",
    ALERT_UPDATED.name: "/api/radiology/alerts/{}",
}
"""Where the answer to a request is, by its topic and key."""


@router.get("/requests/{id}", operation_id="getRequest", responses=READ)
async def get_request(
    request_id: Annotated[UUID, Path(alias="id")],
    permit: Annotated[Permit, may(Action.READ_REQUEST)],
    gateway: TheGateway,
) -> RequestState:
    """What became of a write that was answered with 202."""
    asked = await gateway.writes.request(request_id, permit.person.caller)
    outcome = await gateway.writes.outcome(request_id, asked["answer_topic"], asked["key"])
    state = RequestState(id=request_id, state="PENDING", asked_at=asked["asked_at"])
    if outcome is None:
        return state
    return state.model_copy(update=_ended(outcome))


def _ended(outcome: Any) -> dict[str, Any]:
    if outcome["rejection"] is None:
        url = _RESOURCES[outcome["topic"]].format(outcome["key"])
        return {"state": "DONE", "resource_url": url, "version": outcome["version"]}
    refused = RequestRejected.model_validate_json(outcome["rejection"])
    problem = problem_of(refused.status, refused.code, refused.message, title="Refused")
    return {"state": "REJECTED", "problem": problem}


LetterId = Annotated[
    str, Path(alias="id", max_length=300, pattern=r"^[a-z.]+\.dead/[0-9]+/[0-9]+$")
]


@router.get("/operations/dead-letters", operation_id="listDeadLetters", responses=READ)
async def list_dead_letters(
    _permit: Annotated[Permit, may(Action.READ_DEAD_LETTERS)],
    gateway: TheGateway,
    topic: Annotated[str | None, Query(max_length=100)] = None,
    *,
    settled: Annotated[bool, Query(description="Those that somebody has dealt with")] = False,
) -> DeadLetters:
    """Events that could not be handled, newest first: the open ones, or the settled."""
    if topic is not None and topic not in {known.name for known in TOPICS}:
        raise NotFound
    letters = await dead_letters.summaries(
        gateway.settings.kafka, topic, newest=_LISTED + 1, settled=settled
    )
    letters.sort(key=lambda letter: letter.at, reverse=True)
    items = tuple(DeadLetterSummary(**_summary(letter)) for letter in letters[:_LISTED])
    return DeadLetters(items=items, truncated=len(letters) > _LISTED)


@router.get(
    "/operations/dead-letters/{id:path}/content", operation_id="getDeadLetter", responses=READ
)
async def get_dead_letter(
    letter_id: LetterId,
    _permit: Annotated[Permit, may(Action.READ_DEAD_LETTERS)],
    gateway: TheGateway,
) -> DeadLetterDetail:
    """One of them with its content, for whoever must decide; the look is audited."""
    letter = await _letter(gateway, letter_id)
    return DeadLetterDetail(
        **_summary(letter),
        key=(letter.key or b"").decode("utf-8", "replace"),
        headers={name: value.decode("utf-8", "replace") for name, value in letter.headers},
        value=(letter.value or b"")[:_SHOWN_BYTES].decode("utf-8", "replace"),
    )


@router.post(
    "/operations/dead-letters/{id:path}/replay",
    operation_id="replayDeadLetter",
    status_code=202,
    responses=problems(401, 403, 404, 503),
)
async def replay_dead_letter(
    letter_id: LetterId,
    _permit: Annotated[Permit, may(Action.REPLAY_DEAD_LETTER)],
    gateway: TheGateway,
) -> DeadLetterSummary:
    """Give it to its worker again, as it was; what was handled already is not done twice."""
    letter = await _letter(gateway, letter_id)
    await dead_letters.replay(gateway.publisher, letter)
    return DeadLetterSummary(**_summary(letter))


@router.post(
    "/operations/dead-letters/{id:path}/settle",
    operation_id="settleDeadLetter",
    status_code=204,
    responses=_DECISION,
)
async def settle_dead_letter(
    letter_id: LetterId,
    body: DecideDeadLetter,
    permit: Annotated[Permit, may(Action.SETTLE_DEAD_LETTER)],
    gateway: TheGateway,
) -> None:
    """Say that it is dealt with otherwise, and how: it leaves the list of those that wait."""
    letter = await _standing(gateway, letter_id, settled=False)
    await dead_letters.settle(gateway.publisher, letter, by=permit.actor, reason=body.reason)


@router.post(
    "/operations/dead-letters/{id:path}/reopen",
    operation_id="reopenDeadLetter",
    status_code=204,
    responses=_DECISION,
)
async def reopen_dead_letter(
    letter_id: LetterId,
    body: DecideDeadLetter,
    permit: Annotated[Permit, may(Action.SETTLE_DEAD_LETTER)],
    gateway: TheGateway,
) -> None:
    """Take back that it is dealt with: it waits for a decision again."""
    letter = await _standing(gateway, letter_id, settled=True)
    await dead_letters.reopen(gateway.publisher, letter, by=permit.actor, reason=body.reason)


async def _standing(gateway: Gateway, letter_id: str, *, settled: bool) -> DeadLetter:
    """Return a letter as who decides over it has seen it."""
    letter = await _letter(gateway, letter_id)
    if (letter.settled is not None) is not settled:
        raise DeadLetterDecided
    return letter


async def _letter(gateway: Gateway, letter_id: str) -> DeadLetter:
    if letter_id.split("/", maxsplit=1)[0] not in {known.dead for known in TOPICS}:
        raise NotFound
    letter = await dead_letters.find(gateway.settings.kafka, letter_id)
    if letter is None:
        raise NotFound
    return letter


def _summary(letter: Summary) -> dict[str, Any]:
    return {
        "id": letter.id,
        "topic": letter.topic,
        "worker": letter.worker,
        "error": letter.error,
        "reason": letter.reason,
        "at": letter.at,
        "size_bytes": letter.size_bytes,
        "replayed_at": letter.replayed_at,
        "settled": _settlement(letter.settled) if letter.settled else None,
    }


def _settlement(settled: dead_letters.Settlement) -> Settlement:
    return Settlement(by=settled.by.name, at=settled.at, reason=settled.reason)


@router.get("/operations/health", operation_id="getSystemHealth", responses=READ)
async def get_system_health(
    _permit: Annotated[Permit, may(Action.READ_HEALTH)], gateway: TheGateway
) -> SystemHealth:
    """Every process as it answers now, in words that a clinician understands."""
    return await gateway.monitor.look()
