"""A person of the demo at the public API: signs in as a browser would, and works by HTTP.

The demo has no way in of its own. What it can do, its person may do.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5

import httpx
from websockets import Origin
from websockets.asyncio.client import connect

from deploy.demo.people import Person, load_people

_BOUNDARY = "radiology-demo"
_AT_ONCE = 40
_HIDDEN = re.compile(r'name="ticket"\s+value="([^"]+)"')


class DemoFailed(Exception):
    """The demo was refused something; the message says by which address and why."""


class Session:
    """One signed-in person."""

    def __init__(self, client: httpx.AsyncClient, person: Person) -> None:
        self._client = client
        self.person = person

    async def get(self, path: str, **query: Any) -> Any:
        """Read."""
        return self._json(await self._client.get(path, params=query or None))

    async def find(self, path: str) -> Any:
        """Read what may not be there; None when it is not."""
        response = await self._client.get(path)
        return None if response.status_code == 404 else self._json(response)

    async def read(self, path: str) -> bytes:
        """Read bytes, as a PDF."""
        response = await self._client.get(path)
        return response.content if response.status_code == 200 else b""

    async def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Write; `key` names the act, so that doing it again changes nothing."""
        return await self._write("POST", path, body, key)

    async def put(self, path: str, body: Any) -> Any:
        """Write."""
        return await self._write("PUT", path, body, "")

    async def _write(self, method: str, path: str, body: Any, key: str) -> Any:
        headers = {"Idempotency-Key": str(uuid5(NAMESPACE_URL, key))} if key else {}
        response = await self._client.request(method, path, json=body, headers=headers)
        if response.status_code == 202:
            return await self._later(response.headers["location"])
        return self._json(response)

    async def _later(self, path: str) -> Any:
        for _ in range(100):
            request = self._json(await self._client.get(path))
            if request["state"] == "DONE":
                return await self.get(request["resourceUrl"])
            if request["state"] == "REJECTED":
                raise DemoFailed(f"{path}: {json.dumps(request['problem'])}")
            await asyncio.sleep(0.2)
        raise DemoFailed(f"{path}: no outcome after 20 s")

    async def store(self, files: Sequence[Path]) -> None:
        """Send images by STOW-RS."""
        for start in range(0, len(files), _AT_ONCE):
            parts = [path.read_bytes() for path in files[start : start + _AT_ONCE]]
            response = await self._client.post(
                "/dicom-web/studies",
                content=_related(parts),
                headers={
                    "content-type": 'multipart/related; type="application/dicom"; '
                    f"boundary={_BOUNDARY}"
                },
                timeout=120,
            )
            self._json(response)

    async def upload(self, path: str, name: str, content: bytes) -> Any:
        """Upload a file as the browser's form does."""
        return self._json(await self._client.post(path, files={"image": (name, content)}))

    async def live(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what the live view shows, from now on."""
        url = str(self._client.base_url).rstrip("/").replace("http", "ws", 1)
        cookies = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        headers = {"Cookie": cookies}
        origin = Origin(self._client.headers["Origin"])
        async with connect(
            f"{url}/api/radiology/live", additional_headers=headers, origin=origin
        ) as socket:
            async for text in socket:
                yield json.loads(text)

    async def until(self, path: str, holds: Any, *, seconds: float = 60) -> Any:
        """Read until it is there and something holds."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    response = await self._client.get(path)
                    if response.status_code != 404 and holds(found := self._json(response)):
                        return found
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoFailed(f"{path}: not as expected after {seconds:.0f} s") from None

    @staticmethod
    def _json(response: httpx.Response) -> Any:
        if response.status_code >= 400:
            problem = response.text[:500]
            raise DemoFailed(f"{response.request.method} {response.url.path}: {problem}")
        return response.json() if response.content else None


def _related(parts: Sequence[bytes]) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + p + b"\r\n" for p in parts) + f"--{_BOUNDARY}--\r\n".encode()


@asynccontextmanager
async def signed_in(origin: str, username: str) -> AsyncIterator[Session]:
    """Sign a person in at a portal.

    Parameters
    ----------
    origin : as http://localhost:5178
    """
    people = load_people()
    person = people.with_username(username)
    if person is None:
        raise DemoFailed(f"nobody is called {username}")
    async with httpx.AsyncClient(base_url=origin, timeout=30, follow_redirects=True) as client:
        page = await client.get("/auth/login", params={"returnTo": "/api/radiology/me"})
        ticket = _HIDDEN.search(page.text)
        if ticket is None:
            raise DemoFailed(f"{page.url.path}: this is no sign-in page ({page.status_code})")
        answer = await client.post(
            urljoin(str(page.url), "/sign-in"),
            data={
                "ticket": unescape(ticket.group(1)),
                "person": str(person.id),
                "password": people.password.get_secret_value(),
            },
        )
        if answer.status_code != 200 or answer.json()["id"] != str(person.id):
            raise DemoFailed(f"{username} could not sign in ({answer.status_code})")
        client.headers["X-CSRF-Token"] = client.cookies["csrf"]
        client.headers["Origin"] = origin
        yield Session(client, person)
