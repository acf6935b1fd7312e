"""Alerts, attempts and evidence in the database: one class over one connection of a transaction.

What must stay true: whoever changes an attempt has locked its alert first, but for the claims,
which wait for nobody. So locks are always taken in one order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import asyncpg

from alert_worker.codes import new_reply_code
from alert_worker.domain.alert import Alert, Decision, Evidence, Planned, Purpose, What
from alert_worker.domain.attempts import Attempt, Report
from alert_worker.errors import NumberTaken
from contracts.enumerations import AttemptState, Channel, CriticalCategory
from contracts.events.alert_requested import DeliveryReceipt
from contracts.events.alert_updated import AlertEvent
from contracts.identifiers import new_id
from services.database import Connection
from services.sql import load_queries

_QUERIES = load_queries("alert_worker")

_FIRST_LINES, _LAST_LINES, _NEWEST_ATTEMPTS = 60, 240, 200
"""An alert may go round for days; its snapshot must still fit into an event."""


class Locked(NamedTuple):
    """An alert that nobody else can change, and the clock."""

    alert: Alert
    now: datetime


@dataclass(frozen=True)
class Due:
    """An attempt that could be sent now."""

    id: UUID
    address: str
    person_id: str
    is_first: bool
    due_at: datetime
    now: datetime


@dataclass(frozen=True)
class Claimed:
    """An attempt that is ours until its lease ends, and what its text needs of the alert."""

    attempt: Attempt
    reply_code: str
    reference: str
    category: CriticalCategory
    withdrawn: bool
    opened_at: datetime


class Proof(NamedTuple):
    """What a token proves: who was written to, by which attempt."""

    channel: Channel
    expired: bool
    used: bool
    attempt_id: UUID
    alert_id: UUID
    person_id: str
    answered_by: str
    told_at: datetime


class Quoted(NamedTuple):
    """Whose message a reply quotes."""

    attempt_id: UUID
    alert_id: UUID
    person_id: str
    told_at: datetime


class AlertRepository:
    """One method per named query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def now(self) -> datetime:
        """Return the clock of alerts."""
        moment: datetime = await self._connection.fetchval(_QUERIES["now"])
        return moment

    async def lock(self, alert_id: UUID) -> Locked | None:
        """Load an alert and keep it from changing until the transaction ends."""
        row = await self._connection.fetchrow(_QUERIES["lock_alert"], alert_id)
        return Locked(Alert.model_validate_json(row["state"]), row["now"]) if row else None

    async def lock_due(self, without: Collection[UUID]) -> tuple[UUID, str, datetime] | None:
        """Lock one alert whose time has come; return its id, its state as text, and the clock."""
        row = await self._connection.fetchrow(_QUERIES["lock_due_alert"], list(without))
        return (row["id"], row["state"], row["now"]) if row else None

    async def insert(self, decisions: Sequence[Decision], now: datetime) -> set[UUID]:
        """Store new alerts with their attempts; return those whose id and reference were free."""
        states = [decision.alert.model_dump_json(by_alias=True) for decision in decisions]
        rows = await self._connection.fetch(_QUERIES["insert_alerts"], states)
        stored = {row["id"] for row in rows}
        new = [decision for decision in decisions if decision.alert.id in stored]
        await self._add_attempts([(d.alert, planned) for d in new for planned in d.planned], now)
        await self._add_evidence([(d.alert.id, line) for d in new for line in d.evidence], now)
        return stored

    async def known(self, ids: Collection[UUID]) -> set[UUID]:
        """Return which of these alerts exist."""
        rows = await self._connection.fetch(_QUERIES["known_alerts"], list(ids))
        return {row["id"] for row in rows}

    async def save(self, decision: Decision, now: datetime) -> None:
        """Store what was decided: state, cancelled and planned attempts, evidence."""
        alert, lines = decision.alert, list(decision.evidence)
        await self._connection.execute(
            _QUERIES["update_alert"], alert.id, alert.model_dump_json(by_alias=True)
        )
        if decision.cancels:
            lines += await self._cancel_pending(alert) + await self._recall_calls(alert)
        for planned in decision.planned:
            lines += await self._supersede(alert, planned)
        await self._add_attempts([(alert, planned) for planned in decision.planned], now)
        await self._add_evidence([(alert.id, line) for line in lines], now)

    async def _cancel_pending(self, alert: Alert) -> list[Evidence]:
        rows = await self._connection.fetch(_QUERIES["cancel_pending"], alert.id)
        channels = ", ".join(row["channel"] for row in rows)
        return [Evidence(What.ATTEMPTS_CANCELLED, f"not sent any more: {channels}")] if rows else []

    async def _recall_calls(self, alert: Alert) -> list[Evidence]:
        rows = await self._connection.fetch(_QUERIES["recall_calls"], alert.id)
        detail = "calls that ring are ended: " + ", ".join(row["person_name"] for row in rows)
        return [Evidence(What.CALLS_RECALLED, detail)] if rows else []

    async def _supersede(self, alert: Alert, planned: Planned) -> list[Evidence]:
        rows = await self._connection.fetch(
            _QUERIES["cancel_superseded"],
            alert.id,
            planned.person.id,
            planned.channel,
            planned.purpose,
        )
        detail = f"{planned.channel} to {planned.person.name}: a newer one takes its place"
        return [Evidence(What.ATTEMPT_SUPERSEDED, detail)] * len(rows)

    async def _add_attempts(self, planned: Sequence[tuple[Alert, Planned]], now: datetime) -> None:
        if not planned:
            return
        try:
            await self._connection.executemany(
                _QUERIES["insert_attempt"], [_attempt_row(alert, p, now) for alert, p in planned]
            )
        except asyncpg.UniqueViolationError as error:
            raise NumberTaken from error

    async def attempts(self, alert_ids: Collection[UUID]) -> dict[UUID, list[Attempt]]:
        """Load the newest attempts of alerts, oldest first."""
        rows = await self._connection.fetch(
            _QUERIES["recent_attempts"], list(alert_ids), _NEWEST_ATTEMPTS
        )
        found: dict[UUID, list[Attempt]] = {alert_id: [] for alert_id in alert_ids}
        for row in reversed(rows):
            found[row["alert_id"]].append(_attempt(row))
        return found

    async def attempts_of_step(self, attempt: Attempt) -> list[Attempt]:
        """Load an attempt with all others of its step and round."""
        rows = await self._connection.fetch(
            _QUERIES["attempts_of_step"], attempt.alert_id, attempt.round, attempt.step
        )
        return [_attempt(row) for row in rows]

    async def lock_attempt(self, attempt_id: UUID) -> Attempt:
        """Load an attempt and keep it from changing."""
        row = await self._connection.fetchrow(_QUERIES["lock_attempt"], attempt_id)
        if row is None:
            raise LookupError("attempts are never deleted")
        return _attempt(row)

    async def lock_unseen(self, alert_id: UUID, person_id: str) -> Attempt | None:
        """Load the newest in-app attempt that this person has not seen; older ones are moot."""
        row = await self._connection.fetchrow(_QUERIES["lock_unseen"], alert_id, person_id)
        return _attempt(row) if row else None

    async def attempt_with_provider_id(self, provider_id: str) -> tuple[UUID, UUID] | None:
        """Return an attempt's id and its alert's."""
        row = await self._connection.fetchrow(_QUERIES["attempt_with_provider_id"], provider_id)
        return (row["id"], row["alert_id"]) if row else None

    async def save_attempt(self, attempt: Attempt, *, held_by: UUID | None) -> bool:
        """Store a changed attempt; False when somebody else holds it by now."""
        a = attempt
        values = (
            a.state, a.due_at, a.check_at, a.checks, a.tries, a.token, a.started_at, a.provider_id,
            a.provider_status, a.provider_sequence, a.answered_by, a.error, a.sent_at,
            a.delivered_at, a.finished_at, a.unwanted,
        )  # fmt: skip
        query = _QUERIES["save_attempt"]
        return await self._connection.fetchval(query, a.id, held_by, *values) is not None

    async def _add_evidence(self, lines: Sequence[tuple[UUID, Evidence]], at: datetime) -> None:
        if lines:
            await self._connection.execute(
                _QUERIES["add_evidence"],
                [alert_id for alert_id, _ in lines],
                at,
                [line.what for _, line in lines],
                [line.detail for _, line in lines],
            )

    async def evidence(self, alert_ids: Collection[UUID]) -> dict[UUID, list[AlertEvent]]:
        """Load the evidence; of a very long one the begin and the end, and say what is between."""
        rows = await self._connection.fetch(
            _QUERIES["evidence"], list(alert_ids), _FIRST_LINES, _LAST_LINES
        )
        found: dict[UUID, list[AlertEvent]] = {alert_id: [] for alert_id in alert_ids}
        previous = dict.fromkeys(alert_ids, 0)
        for row in rows:
            events, id_ = found[row["alert_id"]], row["alert_id"]
            if left_out := row["number"] - previous[id_] - 1:
                detail = f"{left_out} lines lie between; all are in the database"
                events.append(AlertEvent(at=row["at"], what="lines_left_out", detail=detail))
            events.append(AlertEvent(at=row["at"], what=row["what"], detail=row["detail"]))
            previous[id_] = row["number"]
        return found

    async def anything_due(self, channel: Channel) -> bool:
        """Tell whether an attempt of a channel waits to be sent now."""
        return bool(await self._connection.fetchval(_QUERIES["anything_due"], channel))

    async def lock_claims(self, channel: Channel) -> None:
        """Wait for the turn to claim attempts of a channel."""
        await self._connection.execute(_QUERIES["lock_claims"], channel)

    async def due_attempts(self, channel: Channel, limit: int) -> list[Due]:
        """Load what is to be sent now, the most overdue first."""
        rows = await self._connection.fetch(_QUERIES["due_attempts"], channel, limit)
        return [Due(**row) for row in rows]

    async def troubled_at(
        self, channel: Channel, addresses: Collection[str], since: datetime
    ) -> dict[str, list[datetime]]:
        """Load when addresses were troubled, newest first."""
        rows = await self._connection.fetch(
            _QUERIES["troubled_at"], channel, list(addresses), since
        )
        history: dict[str, list[datetime]] = {address: [] for address in addresses}
        for row in rows:
            history[row["address"]].append(row["started_at"])
        return history

    async def claim_attempts(self, ids: Sequence[UUID], lease: timedelta) -> list[Claimed]:
        """Take attempts to send them; nobody else will until the lease ends."""
        rows = await self._connection.fetch(_QUERIES["claim_attempts"], ids, lease)
        return [_claimed(row) for row in rows]

    async def hold_back(self, until: Mapping[UUID, datetime]) -> None:
        """Let attempts wait until their address may be troubled again."""
        await self._connection.execute(_QUERIES["hold_back"], list(until), list(until.values()))

    async def claim_checks(self, limit: int, lease: timedelta) -> list[Claimed]:
        """Take over attempts of which too little is known."""
        rows = await self._connection.fetch(_QUERIES["claim_checks"], limit, lease)
        return [_claimed(row) for row in rows]

    async def calls_known_to(self, address: str, since: datetime) -> set[str]:
        """Load the provider's ids of the calls to a number that are accounted for."""
        rows = await self._connection.fetch(_QUERIES["calls_known_to"], address, since)
        return {row["provider_id"] for row in rows}

    async def add_proofs(self, proofs: Sequence[tuple[bytes, UUID, Channel, datetime]]) -> None:
        """Keep hashes of tokens before anybody is sent one."""
        await self._connection.executemany(_QUERIES["add_proof"], proofs)

    async def proof(self, token_hash: bytes) -> Proof | None:
        """Load what a token proves."""
        row = await self._connection.fetchrow(_QUERIES["proof"], token_hash)
        return Proof(**{**row, "channel": Channel(row["channel"])}) if row else None

    async def use_proof(self, token_hash: bytes) -> bool:
        """Use a link up; False when it was used before."""
        return await self._connection.fetchval(_QUERIES["use_proof"], token_hash) is not None

    async def attempt_with_code(
        self, number: str, codes: Sequence[str], since: datetime
    ) -> Quoted | None:
        """Return whose message a reply quotes."""
        row = await self._connection.fetchrow(_QUERIES["attempt_with_code"], number, codes, since)
        return Quoted(**row) if row else None

    async def lock_replies(self, number: str) -> None:
        """Wait for the turn to judge a reply of a number, so that none escapes the count."""
        await self._connection.execute(_QUERIES["lock_replies"], number)

    async def add_wrong_codes(self, event_id: UUID, number: str, codes: Sequence[str]) -> None:
        """Remember codes that meant nothing, each once however often the event comes."""
        ids = [uuid5(event_id, code) for code in codes]
        await self._connection.execute(_QUERIES["add_wrong_codes"], ids, number)

    async def wrong_codes(self, number: str, since: datetime) -> int:
        """Count the wrong codes of a number."""
        count: int = await self._connection.fetchval(_QUERIES["wrong_codes"], number, since)
        return count

    async def lock_provider_id(self, provider_id: str) -> None:
        """Wait for the turn to write about one message or call."""
        await self._connection.execute(_QUERIES["lock_provider_id"], provider_id)

    async def add_receipt(self, receipt: DeliveryReceipt) -> None:
        """Keep what the provider said, as it came."""
        await self._connection.execute(
            _QUERIES["add_receipt"],
            receipt.provider_id,
            receipt.status,
            receipt.answered_by,
            receipt.error_code,
            receipt.sequence,
            receipt.received_at,
        )

    async def receipts(self, provider_id: str) -> list[Report]:
        """Load what the provider said of one message or call."""
        rows = await self._connection.fetch(_QUERIES["receipts"], provider_id)
        return [Report(**row) for row in rows]

    async def waiting(self) -> tuple[int, float]:
        """Return how many attempts are due, and the seconds since the oldest was."""
        row = await self._connection.fetchrow(_QUERIES["waiting"])
        return (row["waiting"], row["seconds"]) if row else (0, 0.0)

    async def forget_answered(self, age: timedelta) -> None:
        """Drop tokens and wrong codes that cannot matter any more."""
        await self._connection.execute(_QUERIES["forget_answered"], age)


_FIELDS = [field.name for field in fields(Attempt)]


def _attempt(row: asyncpg.Record) -> Attempt:
    values: dict[str, Any] = {name: row[name] for name in _FIELDS}
    values |= {
        "purpose": Purpose(row["purpose"]),
        "channel": Channel(row["channel"]),
        "state": AttemptState(row["state"]),
    }
    return Attempt(**values)


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        attempt=_attempt(row),
        reply_code=row["reply_code"] or "",
        reference=row["reference"],
        category=CriticalCategory(row["category"]),
        withdrawn=row["withdrawn"],
        opened_at=row["opened_at"],
    )


def _attempt_row(alert: Alert, planned: Planned, now: datetime) -> tuple[object, ...]:
    """An IN_APP attempt is made by the snapshot of the same transaction: it is sent already."""
    inside = planned.channel is Channel.IN_APP
    to_confirm = planned.purpose in (Purpose.NOTIFY, Purpose.REVISE)
    coded = planned.channel is Channel.SMS and to_confirm
    return (
        new_id(), alert.id, planned.step, planned.round, planned.number, planned.purpose,
        planned.person.id, planned.person.name, planned.channel,
        planned.person.address(planned.channel), new_reply_code() if coded else None,
        AttemptState.SENT if inside else AttemptState.PENDING, planned.due_at,
        now if inside else None, now if inside else None,
    )  # fmt: skip
