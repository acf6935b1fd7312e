"""The clinical workflow service: told by a signed call-back that an order is completed.

What must stay true: the call-back goes to the configured address and nowhere else (no redirect is
followed, no address comes from data), it names no patient, and each try has the same id, so that
the other side can drop a repetition. The signature is over time and body, as in
`X-Radiology-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import httpx
from pydantic import HttpUrl, SecretStr

from contracts.base import Contract
from contracts.enumerations import ReportStatus
from contracts.envelope import SPEC_VERSION, STRUCTURED_MODE, TYPE_PREFIX
from contracts.events.report_updated import ReportUpdated
from report_consumer.domain import KnownOrder
from report_consumer.errors import WorkflowRefused

TYPE = f"{TYPE_PREFIX}order.completed.v1"
SIGNATURE_HEADER = "X-Radiology-Signature"


class OrderCompleted(Contract):
    """What the workflow service is told."""

    workflow_order_id: str
    order_id: UUID
    order_number: str
    status: str = "COMPLETED"
    report_id: UUID
    report_number: str
    report_status: ReportStatus
    report_version: int
    has_critical_findings: bool


def call_back(event_id: UUID, report: ReportUpdated, order: KnownOrder) -> str | None:
    """Return the body for a report that was just signed, as a structured CloudEvent.

    None for an order that the workflow service does not know.
    """
    if not order.workflow_order_id:
        return None
    version = report.current
    completed = OrderCompleted(
        workflow_order_id=order.workflow_order_id,
        order_id=order.id,
        order_number=order.exam.order_number,
        report_id=report.id,
        report_number=report.report_number,
        report_status=version.status,
        report_version=version.number,
        has_critical_findings=version.content.has_critical_findings,
    )
    return json.dumps(
        {
            "specversion": SPEC_VERSION,
            "id": str(event_id),
            "source": "/report_consumer",
            "type": TYPE,
            "time": report.updated_at.isoformat().replace("+00:00", "Z"),
            "subject": str(order.id),
            "datacontenttype": "application/json",
            "data": completed.model_dump(mode="json", by_alias=True),
        }
    )


def signature(secret: SecretStr, body: bytes, *, unix_time: int) -> str:
    """Return the value of the signature header."""
    key = secret.get_secret_value().encode()
    digest = hmac.new(key, f"{unix_time}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={unix_time},v1={digest}"


class WorkflowService:
    """Sends call-backs to the one address it was given."""

    def __init__(
        self, client: httpx.AsyncClient, url: HttpUrl, secret: SecretStr, *, time_limit: timedelta
    ) -> None:
        self._client = client
        self._url = str(url)
        self._secret = secret
        self.time_limit = time_limit

    async def tell(self, body: str, *, unix_time: int) -> None:
        """Send a call-back.

        Raises
        ------
        WorkflowRefused : not taken, or no answer came. It is sent again with the same id, since the
            other side drops what it has.
        """
        content = body.encode()
        headers = {
            "content-type": STRUCTURED_MODE,
            SIGNATURE_HEADER: signature(self._secret, content, unix_time=unix_time),
        }
        try:
            # httpx limits each step of a request; a trickle of bytes could go on for ever.
            async with asyncio.timeout(self.time_limit.total_seconds()):
                answer = await self._client.post(self._url, content=content, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise WorkflowRefused(type(error).__name__) from None
        if not answer.is_success:
            raise WorkflowRefused(f"HTTP {answer.status_code}")


@asynccontextmanager
async def open_workflow_service(
    url: HttpUrl, secret: SecretStr, *, time_limit: timedelta
) -> AsyncIterator[WorkflowService]:
    """Open a client; proxies of the environment are not used, redirects not followed."""
    async with httpx.AsyncClient(
        timeout=time_limit.total_seconds(),
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=8),
    ) as client:
        yield WorkflowService(client, url, secret, time_limit=time_limit)
