"""Puts the workflow stand-in together: orders, call-backs, control API, page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from deploy.standins.faults import Faults
from deploy.standins.web import new_app
from deploy.standins.workflow.dispatch import Dispatcher
from deploy.standins.workflow.pages import page_routes
from deploy.standins.workflow.routes import Workflow, api_routes, control_routes
from deploy.standins.workflow.settings import WorkflowSettings
from deploy.standins.workflow.store import Store


def build_app(settings: WorkflowSettings) -> FastAPI:
    """Return the application; what is pending is dispatched as long as it runs."""
    client = httpx.AsyncClient(timeout=settings.dispatch_timeout_seconds, trust_env=False)
    store = Store(settings.state_dir)
    workflow = Workflow(settings, store, Dispatcher(settings, store, client), Faults())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        trying = asyncio.create_task(workflow.dispatcher.keep_trying())
        yield
        trying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await trying
        await workflow.dispatcher.close()

    app = new_app("Clinical workflow service (stand-in)", lifespan)
    app.include_router(api_routes(workflow))
    app.include_router(control_routes(workflow))
    app.include_router(page_routes(workflow))
    return app
