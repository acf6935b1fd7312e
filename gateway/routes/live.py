"""The WebSocket of live updates: first `hello`, then what was missed, then what happens.

What must stay true: who may not see a change does not get it, and the end of a session ends its
connection within a heartbeat, however much happens meanwhile. A connection that falls behind is
closed and resumes from its position.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from contracts.api.live import CaughtUp, Heartbeat, Hello, Resync
from contracts.base import Contract
from gateway import positions
from gateway.access import Permit, check_origin, identify, permit
from gateway.audit import AuditEntry
from gateway.context import Gateway, gateway_of
from gateway.errors import ProblemError
from gateway.live import Connection
from gateway.permissions import Action
from services.errors import TransientError

router = APIRouter()

LIVE_PATH = "/api/radiology/live"
LIVE_ACTION = Action.READ_LIVE
SEND_SECONDS = 10.0

# Close codes: 1013 is "try again later" (RFC 6455's registry), 44xx are ours.
TRY_AGAIN = 1013
SIGNED_OUT = 4401
NOT_ALLOWED = 4403


class _Ended(Exception):
    """We end the connection; the code says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@router.websocket(LIVE_PATH)
async def live(socket: WebSocket, position: Annotated[str, Query(max_length=2_000)] = "") -> None:
    """Send every change that the person may see; `?position=` resumes where one was."""
    gateway = gateway_of(socket)
    try:
        permitted = await _admit(socket, gateway)
    except _Ended as ended:
        # Only after the handshake does a browser tell its page a close code.
        await socket.accept()
        await socket.close(ended.code)
        return
    await socket.accept()
    connection = gateway.hub.join(permitted.person.id, permitted.person.roles)
    try:
        await _converse(socket, gateway, connection, position)
    except _Ended as ended:
        await socket.close(ended.code)
    except WebSocketDisconnect:
        return
    finally:
        gateway.hub.leave(connection)


async def _admit(socket: WebSocket, gateway: Gateway) -> Permit:
    try:
        check_origin(socket, gateway.settings)
        # A page connects again by itself, whoever sits before it.
        permitted = permit(socket, await identify(socket, touch=False), LIVE_ACTION)
        await gateway.audit.write(
            AuditEntry(
                actor_id=permitted.person.id,
                actor_role=permitted.role.value,
                action=LIVE_ACTION.value,
                route=f"WS {LIVE_PATH}",
                resource="",
                outcome=101,
            )
        )
    except ProblemError as error:
        raise _Ended(SIGNED_OUT if error.status == 401 else NOT_ALLOWED) from None
    except TransientError:
        raise _Ended(TRY_AGAIN) from None
    return permitted


async def _converse(
    socket: WebSocket, gateway: Gateway, connection: Connection, position: str
) -> None:
    """Listen and speak until one of both ends."""
    tasks = [
        asyncio.create_task(_listen(socket)),
        asyncio.create_task(_speak(socket, gateway, connection, position)),
        asyncio.create_task(_watch_session(socket, gateway.settings.heartbeat_seconds)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except TransientError:
        raise _Ended(TRY_AGAIN) from None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(socket: WebSocket) -> None:
    """Take what the client says, which is nothing of interest, until it goes."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    raise WebSocketDisconnect


async def _speak(
    socket: WebSocket, gateway: Gateway, connection: Connection, position: str
) -> None:
    """Greet; then send what the person may see, and a heartbeat when that is nothing in time."""
    await _greet(socket, gateway, connection, position)
    while True:
        message = await _next_message(connection, gateway.settings.heartbeat_seconds)
        await _send_bytes(socket, message or Heartbeat(position=connection.position()).to_json())


async def _watch_session(socket: WebSocket, every_seconds: float) -> None:
    """End the connection when the session has ended; by a clock that no message holds up."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await identify(socket, touch=False)
        except ProblemError:
            raise _Ended(SIGNED_OUT) from None


async def _greet(
    socket: WebSocket, gateway: Gateway, connection: Connection, position: str
) -> None:
    since = positions.decode(position) if position else None
    missed = await gateway.hub.missed(since) if since else None
    connection.offsets = dict(since) if since and missed else await gateway.hub.present()
    heartbeat = gateway.settings.heartbeat_seconds
    await _send(socket, Hello(position=connection.position(), heartbeat_seconds=heartbeat))
    if missed is None:
        if position:
            await _send(socket, Resync(position=connection.position()))
        return
    updates, present = missed
    for update in updates:
        if message := connection.take(update):
            await _send_bytes(socket, message)
    for place, offset in present.items():
        connection.offsets[place] = max(offset, connection.offsets.get(place, 0))
    await _send(socket, CaughtUp(position=connection.position()))


async def _next_message(connection: Connection, seconds: float) -> bytes | None:
    """Return the next message that is for this person; None: there was none for so long."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                if connection.too_slow:
                    raise _Ended(TRY_AGAIN)
                if message := connection.take(await connection.queue.get()):
                    return message
    except TimeoutError:
        return None


async def _send(socket: WebSocket, message: Contract) -> None:
    await _send_bytes(socket, message.to_json())


async def _send_bytes(socket: WebSocket, message: bytes) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await socket.send_text(message.decode())
    except TimeoutError:
        raise _Ended(TRY_AGAIN) from None
