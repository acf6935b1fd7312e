"""Logs, metrics and health: what operators see of a process.

What must stay true: no patient data. Only keys on the allow-list are emitted; a new key is added
here, after asking whether its values can identify a person (PS3.15 Annex E lists what does).
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

ALLOWED_KEYS = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "worker",
        "logger",
        "topic",
        "event_id",
        "event_type",
        "correlation_id",
        "causation_id",
        "order_id",
        "study_id",
        "series_id",
        "instance_id",
        "report_id",
        "alert_id",
        "equipment_id",
        "attempt_id",
        "user_id",
        "role",
        "request_id",
        "method",
        "route",
        "status",
        "outcome",
        "reason",
        "code",
        "attempts",
        "seconds",
        "count",
        "size_bytes",
        "channel",
        "step",
        "round",
        "state",
        "version",
        "partition",
        "offset",
        "lag",
        "port",
        "host",
        "path",
        "file",
        "name",
        "process",
        "signal",
        "exc_type",
        "stack",
        "action",
        "category",
        "provider_status",
        "provider_code",
        "queue",
        "waiting",
        "command",
        "exit_code",
        "detail",
    ]
)

EVENTS_HANDLED = Counter(
    "radiology_events_handled_total", "Events by topic and outcome", ["topic", "outcome"]
)
EVENT_SECONDS = Histogram(
    "radiology_event_seconds",
    "Time to handle one event (one batch for images.ingested)",
    ["topic"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
DEAD_LETTERS = Counter("radiology_dead_letters_total", "Records set aside", ["topic"])
CONSUMER_LAG = Gauge("radiology_consumer_lag_records", "Records not handled yet", ["topic"])
CONSUMER_STANDING = Gauge(
    "radiology_consumer_standing_seconds",
    "For how long records have waited and none was finished; 0 while the topic gets on",
    ["topic"],
)
OUTBOX_LAG = Gauge("radiology_outbox_lag_seconds", "Age of the oldest unpublished event")
OUTBOX_PUBLISHED = Counter("radiology_outbox_published_total", "Events published by the relay")
ALERT_FIRST_REQUEST = Histogram(
    "radiology_alert_first_request_seconds",
    "From the opening of an alert to the first request to a provider",
    ["channel"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
ALERT_REQUESTS = Counter(
    "radiology_alert_requests_total",
    "Requests to providers by outcome: taken, refused, postponed, unknown",
    ["channel", "outcome"],
)
ATTEMPTS_WAITING = Gauge("radiology_attempts_waiting", "Attempts that are due and not yet sent")
ATTEMPTS_WAITING_SECONDS = Gauge(
    "radiology_attempts_waiting_seconds", "How long the oldest of them has been due"
)
HEARTBEAT = Gauge(
    "radiology_heartbeat_timestamp_seconds", "When a loop last went round (Unix time)", ["loop"]
)
ALERTS_STUCK = Gauge(
    "radiology_alerts_stuck",
    "Alerts that should have moved and did not, as the watchdog sees them",
    ["reason"],
)


def configure_logging(process: str, *, level: int = logging.INFO) -> None:
    """Write one JSON object per line to stdout, with allowed keys only."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(worker=process)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_exception,
            _only_allowed_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    _route_standard_logging(level)


def _name_exception(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace a traceback by its places: messages of errors may quote what they choked on."""
    error = entry.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        entry["exc_type"] = type(error).__name__
        entry["stack"] = _places(error)
    return entry


def _places(error: BaseException) -> list[str]:
    places, traceback = [], error.__traceback__
    while traceback:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-12:]


def _only_allowed_keys(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: value for key, value in entry.items() if key in ALLOWED_KEYS}


LIBRARY_SILENCE_SECONDS = 10.0
"""A client that has lost its server complains ten times a second; once says as much."""


class LibraryLogs(logging.Handler):
    """Passes on that a library logged, and where, but not its text, which may quote its input."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[tuple[str, int], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, unless the same place was heard just now."""
        place = (record.pathname, record.lineno)
        if record.created - self._told_at.get(place, 0.0) < LIBRARY_SILENCE_SECONDS:
            return
        self._told_at[place] = record.created
        structlog.get_logger().log(
            record.levelno,
            "library_logged",
            logger=record.name,
            detail=f"{record.filename}:{record.lineno}",
            exc_info=record.exc_info[1] if record.exc_info else None,
        )


def _route_standard_logging(level: int) -> None:
    root = logging.getLogger()
    root.handlers = [LibraryLogs()]
    root.setLevel(max(level, logging.WARNING))
