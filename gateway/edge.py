"""What every HTTP exchange passes: an id, a size limit, security headers, one log line, a figure.

What must stay true: neither log nor metric carries the path, which may hold identifiers; they carry
the route's template.
"""

import time
from collections.abc import Mapping
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import plain_problem

REQUESTS = Counter(
    "radiology_http_requests_total", "HTTP requests by route and status", ["route", "status"]
)
REQUEST_SECONDS = Histogram(
    "radiology_http_request_seconds",
    "Time to answer an HTTP request",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
LARGE_BODIES = ("/dicom-web/studies", "/api/radiology/uploads")
"""Paths whose bodies are read as a stream, with limits of their own."""
LARGE_BODY_ENDING = "/images"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_API_POLICY = "default-src 'none'; frame-ancestors 'self'"

log = structlog.get_logger()


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one exchange."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        exchange = _Exchange(scope, send)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if refused := self._refused(scope):
                    refusal = plain_problem(refused, request_id=request_id)
                    await refusal(scope, receive, exchange.send)
                else:
                    await self._app(scope, self._limited(scope, receive), exchange.send)
            finally:
                exchange.tell()

    def _refused(self, scope: Scope) -> int:
        """Return the status of a request that no route need look at; 0 when it may pass."""
        if _holds_nul(scope):
            return 400
        return 413 if self._is_too_large(scope) else 0

    def _is_too_large(self, scope: Scope) -> bool:
        length = Headers(scope=scope).get("content-length", "0")
        return (
            length.isdecimal()
            and int(length) > self._max_body_bytes
            and not _takes_large_bodies(scope["path"])
        )

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Count a body whose length was not told."""
        if _takes_large_bodies(scope["path"]):
            return receive
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_body_bytes:
                # The application reads the body, and answers this as it answers all errors.
                raise HTTPException(413)
            return message

        return counted


def _holds_nul(scope: Scope) -> bool:
    """Tell whether the address holds the one character that PostgreSQL cannot store.

    No address of ours has it, and in the audit log it would take the entries of others along that
    are written in the same transaction.
    """
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def _takes_large_bodies(path: str) -> bool:
    return path.startswith(LARGE_BODIES) or path.endswith(LARGE_BODY_ENDING)


class _Exchange:
    """One request and its answer, for headers, log and figures."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._started = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass the answer on, with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers().items():
                headers.setdefault(name, value)
        await self._send(message)

    def _headers(self) -> Mapping[str, str]:
        headers = _HEADERS | {"X-Request-Id": self._scope["state"]["request_id"]}
        if self._scope["path"].startswith(("/api/", "/auth/", "/dicom-web/")):
            headers |= {"Content-Security-Policy": _API_POLICY, "Cache-Control": "no-store"}
        if self._scope.get("scheme") == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return headers

    def tell(self) -> None:
        """Write the log line and count."""
        route = self._scope.get("route")
        template = str(getattr(route, "path_format", "") or getattr(route, "path", "") or "none")
        seconds = time.perf_counter() - self._started
        REQUESTS.labels(template, str(self.status)).inc()
        REQUEST_SECONDS.labels(template).observe(seconds)
        attempt = self._scope["state"].get("attempt")
        log.info(
            "request_answered",
            method=self._scope["method"],
            route=template,
            status=self.status,
            seconds=round(seconds, 4),
            user_id=attempt[0].id if attempt else None,
        )
