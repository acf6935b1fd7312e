"""The course of a call: it rings, somebody takes it or not, TwiML is played, it ends.

Status call-backs never hold up the call. Whatever happens, a call ends with one final status.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from email.utils import format_datetime
from typing import Any

from deploy.standins.telephony.behaviour import Behaviour, Outcome
from deploy.standins.telephony.forms import call_form
from deploy.standins.telephony.player import Player
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.racing import race
from deploy.standins.telephony.records import (
    COMPLETED,
    IN_PROGRESS,
    RINGING,
    Call,
    Voice,
    now,
)
from deploy.standins.telephony.webhooks import StatusReports

_DIAL_SECONDS = 0.3
_GREETING_SECONDS = 3.0

# The name under which an application asks for a status, where it differs (StatusCallbackEvent).
_EVENT = {IN_PROGRESS: "answered"}


def accept_call(provider: Provider, call: Call, behaviour: Behaviour) -> None:
    """Take a call into the queue and let it go its way."""
    provider.records.calls.add(call)
    if behaviour.outcome is not Outcome.SILENT:
        provider.errands.start(_Course(provider, call, behaviour).run())


def end_call(call: Call) -> None:
    """End a call from outside: the application asks for it, or the person hangs up."""
    call.handset.hung_up.set()


class _Course:
    def __init__(self, provider: Provider, call: Call, behaviour: Behaviour) -> None:
        self._provider, self._call, self._behaviour = provider, call, behaviour
        self._reports = StatusReports(
            provider.webhooks,
            url=call.order.status_callback,
            sid=call.sid,
            phone=call.to,
            how=behaviour.receipts,
        )

    async def run(self) -> None:
        await self._provider.let_pass(_DIAL_SECONDS)
        self._call.started_at = now()
        self._report("initiated")
        final = await self._until_hung_up(self._ring(), otherwise="canceled")
        if final == IN_PROGRESS:
            self._answered()
            await self._until_hung_up(self._talk(), otherwise=COMPLETED)
            final = COMPLETED
        self._end(final)

    async def _until_hung_up(self, part: Coroutine[Any, Any, str], *, otherwise: str) -> str:
        going, _ = await race(part, self._call.handset.hung_up.wait())
        return otherwise if going.cancelled() else going.result()

    async def _ring(self) -> str:
        if self._behaviour.outcome in (Outcome.BUSY, Outcome.FAILED):
            await self._provider.let_pass(_DIAL_SECONDS)
            return self._behaviour.outcome.value
        self._call.move_to(RINGING)
        self._report(RINGING)
        handset, patience = self._call.handset, self._call.order.timeout_seconds
        answered_after = self._answers_after()
        rings = patience if answered_after is None else min(answered_after, patience)
        with suppress(TimeoutError):
            async with asyncio.timeout(rings * self._provider.settings.pace):
                await race(handset.picked_up.wait(), handset.declined.wait())
        if handset.declined.is_set():
            return "busy"
        by_itself = answered_after is not None and answered_after <= patience
        return IN_PROGRESS if by_itself or handset.picked_up.is_set() else "no-answer"

    def _answers_after(self) -> float | None:
        if self._behaviour.outcome in (Outcome.RING, Outcome.NO_ANSWER):
            return None
        if self._behaviour.answer_after_seconds is not None:
            return self._behaviour.answer_after_seconds
        return self._provider.settings.answer_after_seconds

    def _answered(self) -> None:
        self._call.move_to(IN_PROGRESS)
        self._call.answered_at = now()
        self._call.say(Voice.NOTE, "The call is answered.")
        self._report(IN_PROGRESS)

    async def _talk(self) -> str:
        if self._call.order.async_amd:
            self._provider.errands.start(self._detect())
        else:
            await self._detect()
        await Player(self._provider, self._call, self._behaviour.keys).play()
        return COMPLETED

    async def _detect(self) -> None:
        machine = self._behaviour.outcome is Outcome.MACHINE
        if machine:
            self._call.say(Voice.PHONE, "(Voicemail) I cannot take your call. Leave a message.")
        mode = self._call.order.machine_detection
        if not mode:
            return
        await self._provider.let_pass(_GREETING_SECONDS if machine else 1.0)
        beep = "machine_end_beep" if mode == "DetectMessageEnd" else "machine_start"
        self._call.answered_by = beep if machine else "human"
        self._call.say(Voice.NOTE, f"Machine detection says: {self._call.answered_by}.")
        if self._call.order.async_amd:
            self._tell_who_answered()

    def _tell_who_answered(self) -> None:
        form = call_form(self._provider, self._call) | {"MachineDetectionDuration": "1000"}
        self._provider.webhooks.notify(
            self._call.order.async_amd_callback,
            form,
            sid=self._call.sid,
            phone=self._call.to,
            status=f"answered by {self._call.answered_by}",
        )

    def _end(self, final: str) -> None:
        self._call.move_to(final)
        self._call.ended_at = now()
        self._call.listening = False
        self._call.say(Voice.NOTE, f"The call is over: {final}.")
        self._report(final)
        self._reports.close()

    def _report(self, status: str) -> None:
        wanted = self._call.order.status_callback_events or (COMPLETED,)
        final = self._call.is_over
        event = COMPLETED if final else _EVENT.get(status, status)
        if event not in wanted:
            return
        form = call_form(self._provider, self._call) | {
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "Timestamp": format_datetime(now()),
            "SequenceNumber": str(self._call.events),
        }
        if final:
            seconds = self._call.duration_seconds or 0
            form |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        self._call.events += 1
        self._reports.report(status, form)
