"""What a process without a web page of its own says of itself: live, ready, metrics."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Ready = Callable[[], Awaitable[Mapping[str, bool | dict[str, str]]]]


class HealthServer(uvicorn.Server):
    """/health (or /health/ready), /health/live, /metrics; the process itself handles the signals.

    Parameters
    ----------
    ready : says part by part what works; all of it, and the answer is 200, otherwise 503. What is
        no yes or no says more about a part that does not work.
    """

    def __init__(self, host: str, port: int, ready: Ready) -> None:
        async def answer_live(_: Request) -> Response:
            return JSONResponse({"status": "live"})

        async def answer_ready(_: Request) -> Response:
            checks = await ready()
            works = all(check is not False for check in checks.values())
            return JSONResponse(dict(checks), status_code=200 if works else 503)

        async def answer_metrics(_: Request) -> Response:
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        app = Starlette(
            routes=[
                Route("/health", answer_ready),
                Route("/health/live", answer_live),
                Route("/health/ready", answer_ready),
                Route("/metrics", answer_metrics),
            ]
        )
        super().__init__(
            uvicorn.Config(
                app, host=host, port=port, log_config=None, access_log=False, lifespan="off"
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield
