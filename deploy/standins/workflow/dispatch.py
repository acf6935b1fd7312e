"""Sends radiology items to the radiology service, by HTTP or as events, until each is answered.

An item's id is its Idempotency-Key and its event id, so that a try whose answer was lost does no
harm.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import structlog

from contracts.enumerations import Role
from contracts.envelope import SPEC_VERSION, STRUCTURED_MODE
from contracts.events.order_created import OrderCreated
from contracts.people import Actor
from contracts.topics import ORDER_CREATED
from deploy.standins.workflow.orders import State, UnifiedItem, UnifiedOrder, Via
from deploy.standins.workflow.settings import WorkflowSettings
from deploy.standins.workflow.store import Store
from services.errors import BrokerUnavailable
from services.kafka import KafkaSettings, Outgoing, Publisher

SOURCE = "/clinical-workflow"
_LONGEST_PAUSE_SECONDS = 60.0

_logger = structlog.get_logger(__name__)


class NotAnswered(Exception):
    """The radiology service is away; the item stays pending."""


@dataclass
class Dispatcher:
    """Knows both ways."""

    settings: WorkflowSettings
    store: Store
    client: httpx.AsyncClient
    _publisher: Publisher | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: set[UUID] = field(default_factory=set)

    async def dispatch(self, order: UnifiedOrder) -> None:
        """Try every pending item once, and keep what came of it."""
        if order.id in self._under_way:
            return
        self._under_way.add(order.id)
        try:
            for item in order.items:
                if item.state is State.PENDING:
                    await self._try(order, item)
            await self.store.orders.put(str(order.id), order)
        finally:
            self._under_way.discard(order.id)
        if order.state is State.PENDING:
            self._woken.set()

    async def keep_trying(self) -> None:
        """Dispatch what is pending, with growing pauses while the radiology service is away."""
        pause = self.settings.retry_seconds
        while True:
            pending = [o for o in self.store.orders.all() if o.state is State.PENDING]
            if not pending:
                pause = self.settings.retry_seconds
                await self._woken.wait()
            self._woken.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            for order in pending:
                await self.dispatch(order)

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()
        if self._publisher:
            await self._publisher.__aexit__(None, None, None)

    async def _try(self, order: UnifiedOrder, item: UnifiedItem) -> None:
        item.tries += 1
        try:
            if order.via is Via.KAFKA:
                await self._publish(order, item)
            else:
                await self._post(order, item)
        except NotAnswered as problem:
            item.problem = str(problem)
        _logger.info("item_dispatched", state=item.state, attempts=item.tries)

    async def _post(self, order: UnifiedOrder, item: UnifiedItem) -> None:
        headers = {
            "Authorization": f"Bearer {self.settings.credential.get_secret_value()}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(item.id),
            "x-user-role": Role.CLINICAL_WORKFLOW.value,
            "x-user-id": str(order.ordering_provider_id),
        }
        url = f"{self.settings.gateway_url}/api/radiology/orders"
        body = item.details.to_json() if item.details else b""
        try:
            response = await self.client.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotAnswered(f"no answer ({type(error).__name__})") from error
        _apply(item, response)

    async def _publish(self, order: UnifiedOrder, item: UnifiedItem) -> None:
        if self._publisher is None:
            self._publisher = Publisher(KafkaSettings(), "workflow-stand-in")
        try:
            await self._publisher.publish_many([order_created(order, item)])
        except BrokerUnavailable as error:
            raise NotAnswered("Kafka did not confirm the event") from error
        item.imaging_order_id, item.state, item.problem = item.id, State.DISPATCHED, ""


def order_created(order: UnifiedOrder, item: UnifiedItem) -> Outgoing:
    """Return an item as the event `order.created`, in CloudEvents structured mode."""
    if item.details is None:
        raise ValueError("only a radiology item becomes an imaging order")
    data = OrderCreated(
        order_id=item.id,
        details=item.details,
        created_by=Actor(
            id=str(order.ordering_provider_id),
            name=order.ordering_provider_name,
            role=Role.CLINICAL_WORKFLOW,
        ),
        created_at=order.created_at,
    )
    event = {
        "specversion": SPEC_VERSION,
        "id": str(item.id),
        "source": SOURCE,
        "type": ORDER_CREATED.type,
        "time": datetime.now(UTC).isoformat(),
        "subject": str(item.id),
        "datacontenttype": "application/json",
        "data": data.model_dump(mode="json", by_alias=True),
    }
    return Outgoing(
        ORDER_CREATED.name,
        str(item.id).encode(),
        json.dumps(event).encode(),
        [("content-type", f"{STRUCTURED_MODE}; charset=utf-8".encode())],
    )


def _apply(item: UnifiedItem, response: httpx.Response) -> None:
    if response.status_code >= 500 or response.status_code in (408, 425, 429):
        raise NotAnswered(f"answered {response.status_code}")
    answer = _json(response)
    if response.is_success:
        item.state, item.problem = State.DISPATCHED, ""
        if response.status_code != 202:  # then the answer is not the order: it comes later
            item.imaging_order_id = UUID(answer["id"]) if "id" in answer else None
            item.imaging_order_number = str(answer.get("orderNumber") or "")
            item.appointment = answer.get("appointment")
    else:
        item.state = State.REFUSED
        item.problem = str(answer.get("detail") or answer.get("title") or response.status_code)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
