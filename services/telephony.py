"""The way to Twilio: SMS and calls, each accepted, refused for good, refused for now, or unknown.

What must stay true: an error tells whether anything was sent. Twilio's create requests have no
idempotency key, so whoever gets `UnknownOutcome` looks the attempt up (`find_message`, `find_call`)
before sending again. This includes 5xx answers to a create request: they do not say whether the
message was taken.
"""

import base64
import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client

from services.errors import PermanentError, TransientError, UnknownOutcome
from services.telephony_callbacks import Callbacks, TelephonySettings

CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]

# Twilio's clock and ours differ, and its dates have no fractions.
_CLOCK_TOLERANCE = timedelta(seconds=30)
_MOST_LOOKED_AT = 1000
_PAGE_SIZE = 50


class TelephonyRefused(PermanentError):
    """Twilio will not take this, now or later: a wrong number, an opt-out, wrong credentials."""

    code = "telephony_refused"

    def __init__(self, message: str, *, provider_code: int | None = None) -> None:
        super().__init__(message)
        self.provider_code = provider_code


class TelephonyUnavailable(TransientError):
    """Twilio took nothing and may later: out of reach, or too many requests."""

    code = "telephony_unavailable"


@dataclass(frozen=True)
class SentMessage:
    """What Twilio knows of an SMS."""

    sid: str
    status: str
    error_code: int | None
    created_at: datetime | None


@dataclass(frozen=True)
class PlacedCall:
    """What Twilio knows of a call."""

    sid: str
    status: str
    answered_by: str | None
    created_at: datetime | None


class Telephony(Callbacks):
    """Twilio's client; made inside a running event loop, closed at the end."""

    def __init__(self, settings: TelephonySettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self._http = _Transport(settings.api_url, settings.timeout_seconds)
        token = settings.auth_token.get_secret_value()
        self._client = Client(settings.account_sid, token, http_client=self._http)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send_sms(self, to: str, body: str, status_callback: str) -> str:
        """Send an SMS and return Twilio's sid; receipts come to the call-back URL."""
        with _outcome(creates=True):
            message = await self._client.messages.create_async(
                to=to,
                from_=self._settings.from_number,
                body=body,
                status_callback=status_callback,
            )
        return _sid(message.sid)

    async def place_call(
        self,
        to: str,
        url: str,
        status_callback: str,
        machine_detection: bool = True,
        *,
        ring_seconds: int = 30,
    ) -> str:
        """Place a call that plays the TwiML at `url`, and return Twilio's sid.

        With machine detection the request for TwiML carries `AnsweredBy`, so that a voicemail is
        not taken for a person.
        """
        options = {"machine_detection": "Enable"} if machine_detection else {}
        with _outcome(creates=True):
            call = await self._client.calls.create_async(
                to=to,
                from_=self._settings.from_number,
                url=url,
                status_callback=status_callback,
                status_callback_event=CALL_EVENTS,
                timeout=ring_seconds,
                **options,
            )
        return _sid(call.sid)

    async def cancel_call(self, sid: str) -> None:
        """Stop a call that nobody has answered yet; one that is answered goes on."""
        try:
            with _outcome(creates=False):
                await self._client.calls(sid).update_async(status="canceled")
        except TelephonyRefused as refusal:
            if refusal.provider_code != _NOT_IN_PROGRESS:
                raise

    async def fetch_message(self, sid: str) -> SentMessage:
        """Return how an SMS stands; for one whose receipt is overdue."""
        with _outcome(creates=False):
            return _message(await self._client.messages(sid).fetch_async())

    async def fetch_call(self, sid: str) -> PlacedCall:
        """Return how a call stands; for one whose end is overdue."""
        with _outcome(creates=False):
            return _call(await self._client.calls(sid).fetch_async())

    async def find_message(self, to: str, since: datetime, marker: str) -> SentMessage | None:
        """Return our SMS to a number, created since a moment, whose text holds the marker.

        Not filtered by DateSent: a message that is still queued has none.
        """
        with _outcome(creates=False):
            stream = await self._client.messages.stream_async(
                to=to, from_=self._settings.from_number, limit=_MOST_LOOKED_AT, page_size=_PAGE_SIZE
            )
            async for message in _since(stream, since):
                if marker in (message.body or ""):
                    return _message(message)
        return None

    async def find_call(
        self, to: str, since: datetime, known: Collection[str] = ()
    ) -> PlacedCall | None:
        """Return the newest call to a number since a moment that is not among the known ones.

        A call carries no text of ours. So it is identified by elimination: at most one call per
        person is under way at a time, and `known` holds the sids of all other attempts.
        """
        with _outcome(creates=False):
            stream = await self._client.calls.stream_async(
                to=to, from_=self._settings.from_number, limit=_MOST_LOOKED_AT, page_size=_PAGE_SIZE
            )
            async for call in _since(stream, since):
                if call.sid not in known:
                    return _call(call)
        return None


_NOT_IN_PROGRESS = 21220
NOT_KNOWN = 20404
"""Twilio's code for what it has not, or has no more."""


class _Transport(AsyncTwilioHttpClient):  # type: ignore[misc] # twilio is not typed
    """Sends the requests, to a stand-in if there is one, and logs neither numbers nor texts."""

    def __init__(self, api_url: str, timeout_seconds: float) -> None:
        super().__init__()
        self._base = urlsplit(api_url) if api_url else None
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - ours holds for all requests
        allow_redirects: bool = False,
    ) -> TwilioResponse:
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = _basic(*auth)
        async with self.session.request(
            method.upper(),
            self._at_base(url),
            params=params,
            data=data,
            headers=sent,
            timeout=self._timeout,
            allow_redirects=allow_redirects,
        ) as response:
            return TwilioResponse(response.status, await response.text(), response.headers)

    def _at_base(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))


@contextmanager
def _outcome(*, creates: bool) -> Iterator[None]:
    """Translate the errors of one request; `creates` says that repeating it is not harmless."""
    lost = UnknownOutcome if creates else TelephonyUnavailable
    try:
        yield
    except TwilioException as error:
        raise _translated(error, lost) from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise TelephonyUnavailable("no connection to the telephony provider") from None
    except (TimeoutError, aiohttp.ClientError):
        raise lost("the telephony provider did not answer") from None
    except json.JSONDecodeError:
        raise lost("the telephony provider answered with something that is not JSON") from None


def _translated(error: TwilioException, lost: type[TransientError]) -> Exception:
    # Messages of the provider may quote a phone number: only status and code are passed on.
    status, code = _status_and_code(error)
    sentence = f"the telephony provider answered {status}, code {code}"
    if status is None or status >= 500:
        return lost(sentence)
    if status in (408, 425, 429):
        return TelephonyUnavailable(sentence)
    return TelephonyRefused(sentence, provider_code=code)


def _status_and_code(error: TwilioException) -> tuple[int | None, int | None]:
    response = next((arg for arg in error.args if isinstance(arg, TwilioResponse)), None)
    if response is not None:  # a list that was refused comes without a parsed error
        return response.status_code, None
    return getattr(error, "status", None), getattr(error, "code", None)


async def _since(stream: AsyncIterator[Any], moment: datetime) -> AsyncIterator[Any]:
    """Yield resources until one is older: Twilio lists the newest first."""
    async for resource in stream:
        created = resource.date_created
        if created is not None and created < moment - _CLOCK_TOLERANCE:
            return
        yield resource


def _message(resource: Any) -> SentMessage:
    return SentMessage(
        resource.sid, str(resource.status), resource.error_code, resource.date_created
    )


def _call(resource: Any) -> PlacedCall:
    return PlacedCall(
        resource.sid, str(resource.status), resource.answered_by, resource.date_created
    )


def _sid(sid: str | None) -> str:
    if not sid:
        raise UnknownOutcome("the telephony provider answered without a sid")
    return sid


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
