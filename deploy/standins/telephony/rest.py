"""Twilio's REST API for messages and calls, as far as the hospital uses it.

The script decides first whether a request is refused, delayed, or accepted without saying so.
"""

import asyncio
import hmac
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from deploy.standins.telephony.behaviour import REFUSALS, Behaviour, Channel, Outcome
from deploy.standins.telephony.calls import accept_call, end_call
from deploy.standins.telephony.messages import accept_message
from deploy.standins.telephony.provider import API_VERSION, Provider
from deploy.standins.telephony.records import Call, CallOrder, Message, new_sid
from deploy.standins.telephony.resources import call_json, fits, message_json, page_of

_MOST_CHARACTERS = 1600


class TwilioError(Exception):
    """An answer with one of Twilio's error codes."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> JSONResponse:
        """Return the error as Twilio writes it."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, status_code=self.status)


def rest_routes(provider: Provider) -> APIRouter:
    """Return the routes below one account."""
    routes = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}")
    api = _Api(provider)

    @routes.post("/Messages.json")
    async def create_message(account_sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.create_message(await request.form())

    @routes.get("/Messages.json")
    async def list_messages(account_sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.list_messages(dict(request.query_params))

    @routes.get("/Messages/{sid}.json")
    async def get_message(account_sid: str, sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.get_message(sid)

    @routes.post("/Calls.json")
    async def create_call(account_sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.create_call(await request.form())

    @routes.get("/Calls.json")
    async def list_calls(account_sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.list_calls(dict(request.query_params))

    @routes.get("/Calls/{sid}.json")
    async def get_call(account_sid: str, sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.get_call(sid)

    @routes.post("/Calls/{sid}.json")
    async def update_call(account_sid: str, sid: str, request: Request) -> Response:
        api.check_account(account_sid, request)
        return await api.update_call(sid, await request.form())

    return routes


class _Api:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._settings = provider.settings
        self._records = provider.records

    def check_account(self, account_sid: str, request: Request) -> None:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        token = self._settings.auth_token.get_secret_value()
        wanted = f"{self._settings.account_sid}:{token}".encode()
        if kind.lower() != "basic" or not hmac.compare_digest(_decoded(encoded), wanted):
            raise TwilioError(401, 20003, "Authenticate")
        if account_sid != self._settings.account_sid:
            raise _not_found()

    async def create_message(self, form: FormData) -> Response:
        to, body = _field(form, "To"), _field(form, "Body")
        self._check_numbers(to, _field(form, "From"), invalid_sender=21606)
        if not body:
            raise TwilioError(400, 21602, "Message body is required.")
        if len(body) > _MOST_CHARACTERS:
            raise TwilioError(400, 21617, "The concatenated message body exceeds the limit.")
        message = Message(
            sid=new_sid("SM"),
            to=to,
            sender=_field(form, "From"),
            body=body,
            direction="outbound-api",
            status="queued",
            status_callback=_url(form, "StatusCallback", invalid=21609),
        )
        behaviour = self._provider.behaviour_for(Channel.SMS, to)

        def accept() -> dict[str, Any]:
            accept_message(self._provider, message, behaviour)
            return message_json(self._settings.account_sid, message)

        return await _answer(behaviour, accept)

    async def create_call(self, form: FormData) -> Response:
        to = _field(form, "To")
        self._check_numbers(to, _field(form, "From"), invalid_sender=21210)
        order = _call_order(form)
        if not order.url and not order.twiml:
            raise TwilioError(400, 21205, "Url parameter is required.")
        call = Call(sid=new_sid("CA"), to=to, sender=_field(form, "From"), order=order)
        behaviour = self._provider.behaviour_for(Channel.CALL, to)

        def accept() -> dict[str, Any]:
            accept_call(self._provider, call, behaviour)
            return call_json(self._settings.account_sid, call)

        return await _answer(behaviour, accept)

    async def get_message(self, sid: str) -> Response:
        message = self._records.messages.get(sid)
        if message is None:
            raise _not_found()
        return await self._look_up(message_json(self._settings.account_sid, message))

    async def get_call(self, sid: str) -> Response:
        call = self._records.calls.get(sid)
        if call is None:
            raise _not_found()
        return await self._look_up(call_json(self._settings.account_sid, call))

    async def update_call(self, sid: str, form: FormData) -> Response:
        call = self._records.calls.get(sid)
        if call is None:
            raise _not_found()
        if call.is_over:
            raise TwilioError(400, 21220, "Call is not in-progress. Cannot redirect.")
        wanted = _field(form, "Status")
        if wanted not in ("completed", "canceled"):
            raise TwilioError(400, 21218, "Only Status=completed and Status=canceled are played.")
        # `canceled` ends a call that is not answered yet, and leaves one that is.
        if wanted == "completed" or call.answered_at is None:
            end_call(call)
        return JSONResponse(call_json(self._settings.account_sid, call))

    async def list_messages(self, query: dict[str, str]) -> Response:
        found = [
            message
            for message in self._records.messages.newest_first()
            if query.get("To") in (None, "", message.to)
            and query.get("From") in (None, "", message.sender)
            and fits(message.sent_at, query, "DateSent")
        ]
        return await self._look_up(
            page_of(
                found,
                lambda message: message_json(self._settings.account_sid, message),
                key="messages",
                path=f"/{API_VERSION}/Accounts/{self._settings.account_sid}/Messages.json",
                query=query,
            )
        )

    async def list_calls(self, query: dict[str, str]) -> Response:
        found = [
            call
            for call in self._records.calls.newest_first()
            if query.get("To") in (None, "", call.to)
            and query.get("From") in (None, "", call.sender)
            and query.get("Status") in (None, "", call.status)
            and fits(call.started_at, query, "StartTime")
            and fits(call.ended_at, query, "EndTime")
        ]
        return await self._look_up(
            page_of(
                found,
                lambda call: call_json(self._settings.account_sid, call),
                key="calls",
                path=f"/{API_VERSION}/Accounts/{self._settings.account_sid}/Calls.json",
                query=query,
            )
        )

    async def _look_up(self, found: dict[str, Any]) -> Response:
        behaviour = self._provider.behaviour_for(Channel.LOOKUP, None)
        return await _answer(behaviour, lambda: found, status=200)

    def _check_numbers(self, to: str, sender: str, *, invalid_sender: int) -> None:
        if not re.fullmatch(r"\+[1-9]\d{7,14}", to):
            raise TwilioError(400, 21211, "The 'To' number is not a valid phone number.")
        if sender != self._settings.own_number:
            raise TwilioError(400, invalid_sender, "The 'From' number is not one of this account.")


async def _answer(
    behaviour: Behaviour, accept: Callable[[], dict[str, Any]], *, status: int = 201
) -> Response:
    if behaviour.outcome in REFUSALS:
        return await _refuse(behaviour)
    body = accept()
    match behaviour.outcome:
        case Outcome.LOST_RESPONSE:
            return TwilioError(500, 20500, "An internal server error has occurred").response()
        case Outcome.GARBLED:
            return Response('{"sid": "', status_code=status, media_type="application/json")
        case Outcome.HANG:
            await asyncio.sleep(behaviour.seconds)
    return JSONResponse(body, status_code=status)


async def _refuse(behaviour: Behaviour) -> Response:
    match behaviour.outcome:
        case Outcome.RATE_LIMIT:
            code = behaviour.error_code or 20429
            response = TwilioError(429, code, "Too Many Requests").response()
            response.headers["Retry-After"] = "1"
            return response
        case Outcome.REFUSE:
            code = behaviour.error_code or 21610
            return TwilioError(behaviour.status, code, "A refusal that was ordered.").response()
        case Outcome.STALL:
            await asyncio.sleep(behaviour.seconds)
    return TwilioError(503, 20503, "Service unavailable").response()


def _call_order(form: FormData) -> CallOrder:
    return CallOrder(
        url=_url(form, "Url", invalid=21205),
        method=_field(form, "Method") or "POST",
        twiml=_field(form, "Twiml"),
        fallback_url=_url(form, "FallbackUrl", invalid=21206),
        status_callback=_url(form, "StatusCallback", invalid=21207),
        status_callback_events=tuple(
            event for value in form.getlist("StatusCallbackEvent") for event in str(value).split()
        ),
        machine_detection=_field(form, "MachineDetection"),
        async_amd=_field(form, "AsyncAmd") == "true",
        async_amd_callback=_url(form, "AsyncAmdStatusCallback", invalid=21207),
        timeout_seconds=float(_field(form, "Timeout") or 60),
    )


def _field(form: FormData, name: str) -> str:
    return str(form.get(name, ""))


def _url(form: FormData, name: str, *, invalid: int) -> str:
    url = _field(form, name)
    if url and not re.match(r"https?://[^/\s]+", url):
        raise TwilioError(400, invalid, f"{name} is not a valid URL.")
    return url


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        return b""


def _not_found() -> TwilioError:
    return TwilioError(404, 20404, "The requested resource was not found")
