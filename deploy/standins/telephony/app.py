"""Puts the telephony stand-in together: REST API, control API, page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request, Response

from deploy.demo.people import load_people
from deploy.standins.script import Script
from deploy.standins.telephony.control import control_routes
from deploy.standins.telephony.pages import page_routes
from deploy.standins.telephony.provider import Provider
from deploy.standins.telephony.records import Records
from deploy.standins.telephony.rest import TwilioError, rest_routes
from deploy.standins.telephony.settings import TelephonyStandInSettings
from deploy.standins.telephony.webhooks import Errands, Webhooks
from deploy.standins.web import new_app


def build_app(settings: TelephonyStandInSettings) -> FastAPI:
    """Return the application."""
    client = httpx.AsyncClient(timeout=settings.callback_timeout_seconds, trust_env=False)
    provider = _build_provider(settings, client)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await provider.errands.cancel()
        await client.aclose()

    app = new_app("Telephony (stand-in)", lifespan)
    app.include_router(rest_routes(provider))
    app.include_router(control_routes(provider))
    app.include_router(page_routes(provider))

    @app.exception_handler(TwilioError)
    async def twilio_error(_: Request, error: Exception) -> Response:
        if not isinstance(error, TwilioError):
            raise error
        return error.response()

    return app


def _build_provider(settings: TelephonyStandInSettings, client: httpx.AsyncClient) -> Provider:
    records, errands = Records(), Errands()
    return Provider(
        settings=settings,
        people=load_people(settings.people_file),
        records=records,
        script=Script(),
        errands=errands,
        webhooks=Webhooks(client, settings.auth_token.get_secret_value(), records, errands),
    )
