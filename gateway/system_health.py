"""Health of the whole system, asked of each process, in words for people who treat patients."""

import asyncio
from collections.abc import Mapping

import httpx
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from contracts.api.operations import ProcessHealth, SystemHealth, TopicLag
from gateway.read_model.projector import Projector
from gateway.readiness import read_model
from services.clock import utc_now

ASK_SECONDS = 2.0
SLOW_RECORDS = 500
SLOW_SECONDS = 30.0

_DUTIES = {
    "order_consumer": "Orders and appointments",
    "ingest_worker": "Received images",
    "report_consumer": "Reports",
    "alert_worker": "Critical alerts",
    "alert_watchdog": "Warnings of overdue alerts",
    "gateway_dimse": "Images from scanners",
    "gateway": "The lists and uploads of this portal",
}

_NEEDS = {
    "database": "the database",
    "kafka": "the connection to the other parts",
    "consumers": "their share of the work",
    "loops": "what sends them",
    "progress": "a step that does not end",
    "read_model": "what happened meanwhile",
    "caught_up": "what happened meanwhile",
    "following": "news from the other parts",
    "listening": "the port that scanners send to",
    "room": "room on the disk",
    "image_store": "the image store, which refuses them (its keys, rights, bucket or clock)",
    "object_store": "the image store, which refuses us (its keys, rights, bucket or clock)",
    "readable_images": "a person: images that came in cannot be read",
}
"""What a check of a process stands for."""

_SPOOL_FIGURES = {
    "radiology_spool_refused_files": "image_store",
    "radiology_spool_damaged_files": "readable_images",
}
"""Figures of a spool that must be 0, and the check that stands for each."""


class SystemMonitor:
    """Asks the workers, and the projector of this process."""

    def __init__(
        self, client: httpx.AsyncClient, worker_urls: Mapping[str, str], projector: Projector
    ) -> None:
        self._client = client
        self._worker_urls = dict(worker_urls)
        self._projector = projector

    async def look(self) -> SystemHealth:
        """Ask every process, all at once."""
        workers = await asyncio.gather(
            *(self._ask(name, url) for name, url in self._worker_urls.items())
        )
        processes = (self._gateway(), *workers)
        states = {process.state for process in processes}
        worst = next((s for s in ("DOWN", "DEGRADED") if s in states), "OK")
        return SystemHealth(at=utc_now(), state=worst, processes=processes)

    def _gateway(self) -> ProcessHealth:
        images = spool_checks(generate_latest().decode())
        checks = read_model(self._projector) | images
        lag = TopicLag(topic="read model", records=self._projector.lag)
        return process_health("gateway", checks, (lag,), 0.0)

    async def _ask(self, name: str, url: str) -> ProcessHealth:
        try:
            ready, metrics = await asyncio.gather(
                self._client.get(f"{url}/health/ready", timeout=ASK_SECONDS),
                self._client.get(f"{url}/metrics", timeout=ASK_SECONDS),
            )
            checks = {str(k): v for k, v in ready.json().items() if isinstance(v, bool)}
            checks |= spool_checks(metrics.text)
            lag, unpublished = lag_in(metrics.text)
        except (httpx.HTTPError, ValueError, AttributeError):
            return ProcessHealth(
                name=name,
                state="DOWN",
                sentence=f"{_duty(name)} stand still. What was sent is not lost: it waits, and "
                "goes on by itself when this part is back.",
            )
        return process_health(name, checks, lag, unpublished)


def process_health(
    name: str, checks: dict[str, bool], lag: tuple[TopicLag, ...], unpublished: float
) -> ProcessHealth:
    """Judge one process that answered."""
    waiting = sum(topic.records for topic in lag)
    broken = sorted(check for check, works in checks.items() if not works)
    if broken:
        missing = ", ".join(_NEEDS.get(check, check) for check in broken)
        state, sentence = "DEGRADED", f"{_duty(name)} wait for {missing}."
    elif waiting > SLOW_RECORDS or unpublished > SLOW_SECONDS:
        state, sentence = "DEGRADED", f"{_duty(name)} are late: {waiting} wait their turn."
    else:
        state, sentence = "OK", f"{_duty(name)} are up to date."
    return ProcessHealth(
        name=name,
        state=state,
        sentence=sentence,
        checks=checks,
        lag=lag,
        oldest_unpublished_seconds=unpublished,
    )


def lag_in(metrics: str) -> tuple[tuple[TopicLag, ...], float]:
    """Return a worker's lag by topic and the age of its oldest unpublished event."""
    lag, unpublished = [], 0.0
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == "radiology_consumer_lag_records":
                lag.append(TopicLag(topic=sample.labels["topic"], records=int(sample.value)))
            elif sample.name == "radiology_outbox_lag_seconds":
                unpublished = sample.value
    return tuple(lag), unpublished


def spool_checks(metrics: str) -> dict[str, bool]:
    """Return what is wrong with images that were accepted and are on their way; mostly nothing.

    Such a process is ready all the same: what comes in is safe in its spool, and waits.
    """
    return {
        _SPOOL_FIGURES[sample.name]: False
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name in _SPOOL_FIGURES and sample.value
    }


def _duty(name: str) -> str:
    return _DUTIES.get(name, name.replace("_", " "))
