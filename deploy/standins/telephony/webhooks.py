"""Call-backs: signed forms to the application, in order per resource, tried as Twilio tries them.

Twilio repeats a call-back once when it cannot connect, and never when it was answered.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import structlog

from deploy.standins.telephony.behaviour import Receipts
from deploy.standins.telephony.records import Delivery, Records, now

SIGNATURE_HEADER = "X-Twilio-Signature"

_logger = structlog.get_logger(__name__)


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return Twilio's signature: HMAC-SHA1 of the URL and the form's names and values, by name."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1)).decode()


class Errands:
    """Tasks that run beside the requests; all of them end with the process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it beside the request."""
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def cancel(self) -> None:
        """End all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _logger.error("errand_failed", exc_info=error)


@dataclass
class Webhooks:
    """Sends call-backs and fetches TwiML."""

    client: httpx.AsyncClient
    token: str
    records: Records
    errands: Errands
    _last: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def fetch(
        self, url: str, form: Mapping[str, str], *, method: str = "POST"
    ) -> httpx.Response:
        """Call the application and return its answer; raises `httpx.HTTPError` without one."""
        if method == "GET":
            url = url + ("&" if urlsplit(url).query else "?") + urlencode(form)
            return await self.client.get(url, headers=self._headers(url, {}))
        headers = self._headers(url, form)
        try:
            return await self.client.post(url, data=dict(form), headers=headers)
        except httpx.ConnectError:
            return await self.client.post(url, data=dict(form), headers=headers)

    async def tell(self, url: str, form: Mapping[str, str], *, phone: str, status: str) -> str:
        """Send a call-back, put it on the page, and return the answer; empty where none is good."""
        try:
            response = await self.fetch(url, form)
        except httpx.HTTPError as error:
            answer, good = type(error).__name__, False
        else:
            answer, good = str(response.status_code), response.is_success
        self.log(kind="status", phone=phone, status=status, answer=answer, good=good)
        return response.text if good else ""

    def notify(
        self, url: str, form: Mapping[str, str], *, sid: str, phone: str, status: str
    ) -> None:
        """Send a call-back after all earlier ones of the same resource."""
        if url:
            before = self._last.get(sid)
            self._last[sid] = self.errands.start(
                self._send(url, dict(form), before=before, phone=phone, status=status)
            )

    def forget(self, sid: str) -> None:
        """The resource is finished: no call-back will follow."""
        self._last.pop(sid, None)

    def log(self, *, kind: str, phone: str, status: str, answer: str, good: bool) -> None:
        """Put a line on the page."""
        self.records.deliveries.appendleft(Delivery(now(), kind, phone, status, answer, good))

    async def _send(
        self,
        url: str,
        form: dict[str, str],
        *,
        before: asyncio.Task[None] | None,
        phone: str,
        status: str,
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self.tell(url, form, phone=phone, status=status)

    def _headers(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        return {
            SIGNATURE_HEADER: signature(self.token, url, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "User-Agent": "TwilioProxy/1.1",
        }


class StatusReports:
    """The status call-backs of one resource, as its receipts are scripted."""

    def __init__(
        self, webhooks: Webhooks, *, url: str, sid: str, phone: str, how: Receipts
    ) -> None:
        self._webhooks = webhooks
        self._url, self._sid, self._phone, self._how = url, sid, phone, how
        self._held: list[tuple[str, dict[str, str]]] = []

    def report(self, status: str, form: dict[str, str]) -> None:
        """Tell the application, unless its receipts are lost or held back."""
        if self._how is Receipts.NONE:
            return
        if self._how is Receipts.REVERSED:
            self._held.append((status, form))
            return
        for _ in range(2 if self._how is Receipts.TWICE else 1):
            self._notify(status, form)

    def close(self) -> None:
        """The last status is reached: let go of what was held back, last first."""
        for status, form in reversed(self._held):
            self._notify(status, form)
        self._webhooks.forget(self._sid)

    def _notify(self, status: str, form: dict[str, str]) -> None:
        self._webhooks.notify(self._url, form, sid=self._sid, phone=self._phone, status=status)
