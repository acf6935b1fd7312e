"""The built front ends: one folder, two portals, told apart by the socket they are asked at.

What must stay true: pages run our own scripts only. Assets carry a hash in their name and are kept
for ever; pages are asked for again each time.
"""

from pathlib import Path, PurePosixPath

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from gateway.cookies import PROVIDER, RADIOLOGY
from gateway.problems import plain_problem
from gateway.settings import GatewaySettings

POLICY = (
    "default-src 'self'; "
    # Decoders of image frames are WebAssembly; nothing may be evaluated from text.
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    # Mantine sets style attributes.
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
_FOREVER = "public, max-age=31536000, immutable"
_NOT_BUILT = (
    "The portals are not built. Run: npm --prefix portals ci && npm --prefix portals run build"
)


class Portals:
    """Serves files, and the portal's page for every other address (the page has its own router)."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._folder = settings.portals_dir.resolve()
        self._portal_of_port = {
            settings.radiology_portal_port: RADIOLOGY,
            settings.provider_portal_port: PROVIDER,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that no route took."""
        response = self._answer(scope)
        await response(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        request_id = str(scope.get("state", {}).get("request_id", ""))
        portal = self._portal_of_port.get((scope.get("server") or ("", 0))[1])
        if portal is None or scope["path"].startswith(("/api/", "/auth/", "/dicom-web/")):
            return plain_problem(404, request_id=request_id)
        if scope["method"] not in ("GET", "HEAD"):
            return plain_problem(405, request_id=request_id)
        if file := self._file(scope["path"]):
            return FileResponse(file, headers=_headers(is_asset="assets" in file.parts))
        if PurePosixPath(scope["path"]).suffix:
            return plain_problem(404, request_id=request_id)
        page = self._folder / portal / "index.html"
        if not page.is_file():
            return PlainTextResponse(_NOT_BUILT, 503)
        return FileResponse(page, headers=_headers(is_asset=False))

    def _file(self, path: str) -> Path | None:
        """Return the file at a path; never one outside the folder, never a page."""
        file = (self._folder / path.lstrip("/")).resolve()
        inside = file.is_relative_to(self._folder) and file.is_file()
        return file if inside and file.suffix != ".html" else None


def _headers(*, is_asset: bool) -> dict[str, str]:
    return {
        "Content-Security-Policy": POLICY,
        "Cache-Control": _FOREVER if is_asset else "no-cache",
    }
