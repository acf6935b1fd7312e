"""The workflow service's API: unified orders, call-backs; and the control API of the stand-in."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from deploy.standins.faults import Fault, Faults
from deploy.standins.workflow.callbacks import (
    SIGNATURE_HEADER,
    BadSignature,
    NotUnderstood,
    check_signature,
    take_callback,
)
from deploy.standins.workflow.dispatch import Dispatcher
from deploy.standins.workflow.orders import UnifiedOrder, UnifiedOrderRequest, Via, new_order
from deploy.standins.workflow.settings import WorkflowSettings
from deploy.standins.workflow.store import Store
from services.clock import utc_now

CALLBACKS = "callbacks"


@dataclass(frozen=True)
class Workflow:
    """The service as one object."""

    settings: WorkflowSettings
    store: Store
    dispatcher: Dispatcher
    faults: Faults

    async def place(
        self, request: UnifiedOrderRequest, *, via: Via, key: str | None = None
    ) -> UnifiedOrder:
        """Keep an order, then dispatch it once; what is not answered goes on by itself."""
        if key and (known := self.store.order_of(key)):
            return known
        order = new_order(request, at=utc_now(), via=via, idempotency_key=key)
        await self.store.orders.put(str(order.id), order)
        await self.dispatcher.dispatch(order)
        return order

    async def take_callback(self, body: bytes, signature: str) -> Response:
        """Answer a call-back, or fail as ordered."""
        fault = self.faults.take(CALLBACKS)
        if fault and not fault.handled and (failure := await fault.strike()):
            return failure
        answer = await self._taken(body, signature)
        if fault and fault.handled and (failure := await fault.strike()):
            return failure
        return answer

    async def _taken(self, body: bytes, signature: str) -> Response:
        settings = self.settings
        try:
            check_signature(
                signature,
                body,
                secret=settings.webhook_secret.get_secret_value(),
                tolerance_seconds=settings.webhook_tolerance_seconds,
            )
            first = await take_callback(self.store, body)
        except BadSignature as problem:
            return JSONResponse({"detail": str(problem)}, status_code=401)
        except NotUnderstood as problem:
            return JSONResponse({"detail": str(problem)}, status_code=400)
        return JSONResponse({"status": "taken", "duplicate": not first})


def api_routes(workflow: Workflow) -> APIRouter:
    """Return the routes of the service itself."""
    routes = APIRouter(prefix="/api/workflow")

    @routes.post("/orders/unified", status_code=201)
    async def place_order(
        body: UnifiedOrderRequest,
        via: Via = Via.HTTP,
        idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
    ) -> dict[str, Any]:
        try:
            return _json(await workflow.place(body, via=via, key=idempotency_key))
        except ValidationError as error:
            problems = error.errors(include_input=False, include_context=False)
            raise RequestValidationError(problems) from error

    @routes.get("/orders")
    async def list_orders() -> dict[str, Any]:
        return {"orders": [_json(order) for order in reversed(workflow.store.orders.all())]}

    @routes.get("/orders/{order_id}")
    async def get_order(order_id: UUID) -> dict[str, Any]:
        order = workflow.store.orders.get(str(order_id))
        if order is None:
            raise HTTPException(404, "There is no such order.")
        return _json(order)

    @routes.post("/callbacks/radiology")
    async def callback(request: Request) -> Response:
        signature = request.headers.get(SIGNATURE_HEADER, "")
        return await workflow.take_callback(await request.body(), signature)

    @routes.get("/callbacks/radiology")
    async def list_callbacks() -> dict[str, Any]:
        callbacks = reversed(workflow.store.callbacks.all())
        return {"callbacks": [c.model_dump(mode="json", by_alias=True) for c in callbacks]}

    return routes


def control_routes(workflow: Workflow) -> APIRouter:
    """Return the routes below /control."""
    routes = APIRouter(prefix="/control")

    @routes.post("/faults")
    async def order_fault(fault: Fault) -> dict[str, int]:
        """Endpoint: callbacks."""
        workflow.faults.order(fault)
        return workflow.faults.waiting()

    @routes.post("/reset")
    async def reset() -> dict[str, str]:
        workflow.faults.clear()
        workflow.store.orders.clear()
        workflow.store.callbacks.clear()
        return {"status": "reset"}

    return routes


def _json(order: UnifiedOrder) -> dict[str, Any]:
    return order.model_dump(mode="json", by_alias=True) | {"status": order.state.value}
