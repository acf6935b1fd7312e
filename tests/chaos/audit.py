"""Compares what was acknowledged with what is there, seen from outside.

Lost: acknowledged, and not there. Doubled: there more than once, or done to somebody twice.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts.enumerations import Channel
from deploy.demo.session import DemoFailed, Session
from services import dead_letters
from services.errors import ObjectMissing
from services.kafka import KafkaSettings
from services.object_storage import IMAGES_BUCKET, ObjectStorage, instance_key
from tests.chaos.ledger import Ledger, pixels_sha256
from tests.harness.case import House, attempts, path_of

_MARKER = re.compile(r"\([0-9A-Z-]+-\d+\)")
_READS_AT_ONCE = 8


@dataclass
class Findings:
    """What is not as it must be, in words."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    repeated_mails: int = 0
    """Mails sent again after an unknown outcome, with the same Message-ID: mailboxes show one."""

    @property
    def clean(self) -> bool:
        """Whether every promise was kept, once."""
        return not (self.lost or self.doubled or self.set_aside)


@dataclass(frozen=True)
class Audit:
    """Looks at the running system through its outer edges, and at the stores behind them."""

    house: House
    ledger: Ledger
    storage: ObjectStorage
    kafka: KafkaSettings

    async def until_settled(self, seconds: float) -> Findings:
        """Look again and again until nothing is missing, at most so long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            findings = await self.look()
            if not findings.lost or loop.time() > deadline:
                return findings
            await asyncio.sleep(2)

    async def look(self) -> Findings:
        """Compare everything once."""
        findings = Findings()
        orders = {o["id"]: o async for o in _all(self.house.diaz, "/api/radiology/orders")}
        alerts = [a async for a in _all(self.house.diaz, "/api/radiology/alerts")]
        self._orders(orders, findings)
        self._indexed(orders, findings)
        await self._objects(findings)
        await self._reports(findings)
        await self._callbacks(orders, findings)
        self._alerts(alerts, findings)
        await self._messages(alerts, findings)
        for letter in await dead_letters.summaries(self.kafka):
            findings.set_aside.append(f"{letter.id} by {letter.worker}: {letter.error}")
        return findings

    def _orders(self, orders: dict[str, Any], findings: Findings) -> None:
        for id_, number in self.ledger.orders.items():
            if id_ not in orders or orders[id_]["orderNumber"] != number:
                findings.lost.append(f"order {number}")
        for workflow_id, id_ in self.ledger.published.items():
            if id_ not in orders:
                findings.lost.append(f"published order {workflow_id}")
        findings.doubled += [
            f"orders of one workflow order: {count}"
            for count in _more_than_once(o["workflowOrderId"] for o in orders.values())
        ]
        findings.doubled += [
            f"order number {number}"
            for number in _more_than_once(o["orderNumber"] for o in orders.values())
        ]

    def _indexed(self, orders: dict[str, Any], findings: Findings) -> None:
        stored = Counter(one.order_id for one in self.ledger.objects.values())
        for id_, count in stored.items():
            received = orders.get(id_, {}).get("receivedInstances", 0)
            if received < count:
                findings.lost.append(f"order {id_} shows {received} of {count} instances")
            if received > count:
                findings.doubled.append(f"order {id_} shows {received} instead of {count}")

    async def _objects(self, findings: Findings) -> None:
        gate = asyncio.Semaphore(_READS_AT_ONCE)

        async def check(sop: str) -> None:
            one = self.ledger.objects[sop]
            async with gate:
                try:
                    key = instance_key(one.study, one.series, one.sop)
                    body = await self.storage.get(IMAGES_BUCKET, key)
                except ObjectMissing:
                    findings.lost.append(f"object {sop}")
                    return
            if pixels_sha256(body) != one.pixels_sha256:
                findings.lost.append(f"object {sop} has other pixels")

        await asyncio.gather(*(check(sop) for sop in self.ledger.objects))

    async def _reports(self, findings: Findings) -> None:
        for order_id, impression in self.ledger.reports.items():
            path = f"{path_of({'id': order_id})}/report"
            try:
                report = await self.house.adams.get(path)
            except DemoFailed:
                findings.lost.append(f"report of order {order_id}")
                continue
            if report["status"] != "FINAL" or report["impression"] != impression:
                findings.lost.append(f"signed text of order {order_id}")
            if report["pdfUrl"] is None:
                findings.lost.append(f"document of order {order_id}")
            if len(report["versions"]) != 1:
                findings.doubled.append(f"{len(report['versions'])} versions of {order_id}")

    async def _callbacks(self, orders: dict[str, Any], findings: Findings) -> None:
        answer = await self.house.workflow.get("/api/workflow/callbacks/radiology")
        told = Counter(c["data"]["orderId"] for c in answer.json()["callbacks"])
        for order_id in self.ledger.reports:
            if not told[order_id] and order_id in orders:
                findings.lost.append(f"call-back of order {order_id}")
        findings.doubled += [
            f"{count} call-back ids of order {order_id}"
            for order_id, count in told.items()
            if count > 1
        ]

    def _alerts(self, alerts: list[dict[str, Any]], findings: Findings) -> None:
        of_order = Counter(alert["finding"]["orderId"] for alert in alerts)
        findings.lost += [f"alert of order {id_}" for id_ in self.ledger.critical - set(of_order)]
        findings.doubled += [f"{n} alerts of order {id_}" for id_, n in of_order.items() if n > 1]
        closed = {alert["id"] for alert in alerts if alert["status"] == "CLOSED"}
        findings.lost += [f"confirmation of alert {id_}" for id_ in self.ledger.confirmed - closed]

    async def _messages(self, alerts: list[dict[str, Any]], findings: Findings) -> None:
        state = (await self.house.phones.get("/control/state")).json()
        sms = Counter(mark for m in state["messages"] for mark in _MARKER.findall(m["body"]))
        findings.doubled += [f"SMS {mark}, {n} times" for mark, n in sms.items() if n > 1]
        for alert in alerts:
            untold = f"({alert['reference']}-" not in " ".join(sms)
            if untold and alert["status"] == "OPEN":
                findings.lost.append(f"SMS of alert {alert['id']}")
        tried = sum(
            one["state"] not in ("PENDING", "CANCELLED")
            for alert in alerts
            for one in attempts(alert, Channel.VOICE)
        )
        if len(state["calls"]) > tried:
            findings.doubled.append(f"{len(state['calls'])} calls for {tried} attempts")
        await self._mails(findings)

    async def _mails(self, findings: Findings) -> None:
        mails = (await self.house.mailboxes.get("/api/messages")).json()["messages"]
        distinct = {
            (mail["messageId"], mark) for mail in mails for mark in _MARKER.findall(mail["subject"])
        }
        again = Counter(mark for _, mark in distinct)
        findings.doubled += [f"mail {mark}, {n} times" for mark, n in again.items() if n > 1]
        findings.repeated_mails = len(mails) - len(distinct)


async def _all(who: Session, path: str) -> AsyncIterator[dict[str, Any]]:
    """Yield every item of a list, page by page."""
    page, total = 1, 1
    while (page - 1) * 100 < total:
        found = await who.get(f"{path}?page={page}&pageSize=100")
        for item in found["items"]:
            yield item
        page, total = page + 1, found["total"]


def _more_than_once(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if value and count > 1]
