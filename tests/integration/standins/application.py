"""The hospital's side of the call-backs, reduced to what a test needs: it listens and keeps."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from aiohttp import web

from tests.harness.standins import eventually


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    url: str
    form: dict[str, str]
    signature: str


@dataclass
class Application:
    """A web server on loopback."""

    received: list[Received] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    _base: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self._base + path

    def forget(self) -> None:
        """Begin anew."""
        self.received.clear()
        self.documents.clear()
        self.statuses.clear()

    def at(self, path: str) -> list[Received]:
        """Return what came to a path, query left out."""
        return [r for r in self.received if r.url.partition("?")[0] == self.url(path)]

    async def until(self, path: str, count: int, *, seconds: float = 10) -> list[Received]:
        """Wait until so many requests have come to a path."""

        async def enough() -> list[Received] | None:
            return self.at(path) if len(self.at(path)) >= count else None

        return await eventually(enough, seconds=seconds)

    async def _answer(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        url = self._base + request.path_qs
        self.received.append(Received(url, form, request.headers.get("X-Twilio-Signature", "")))
        status = self.statuses.get(request.path, 200)
        document = self.documents.get(request.path, "")
        kind = "text/xml" if document else "text/plain"
        return web.Response(text=document, status=status, content_type=kind)
