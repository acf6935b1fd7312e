"""The outbox of images: bytes that an edge has accepted, until S3 and Kafka both have them.

What must stay true: `accept` returns only when the bytes and their slip survive a power cut, and a
file leaves the spool only when the object store has the object and Kafka has confirmed its event,
and a while after, since either may confirm what a power cut still takes from it.
What either refuses waits until that is mended; only what cannot be read is set aside, in `damaged`,
and tried again at the next start.
After a crash everything that is found in the folder goes on where it was; what is sent twice has
the same key and the same event id, so nothing is doubled.

A spooled instance is two files: the bytes as received (`<id>.dcm`), and a slip that says by whom,
when, and which digest (`<id>.json`). The slip is written first: a file of bytes is never without.
"""

import asyncio
import fcntl
import hashlib
import io
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import UUID

import structlog
from prometheus_client import Gauge
from typing_extensions import Buffer

from contracts.base import Contract, UtcDatetime
from contracts.events.images_ingested import ImagesIngested, InstanceHeader, StoredObject
from contracts.identifiers import Sha256, new_id
from contracts.topics import IMAGES_INGESTED
from gateway.imaging_settings import ImagingSettings
from gateway.object_cache import ObjectCache
from services.clock import utc_now
from services.dicom.header import parse_header
from services.dicom.travelling import made_to_travel
from services.errors import ObjectMissing, PermanentError, TransientError
from services.events import new_event
from services.kafka import Publisher
from services.object_storage import (
    IMAGES_BUCKET,
    ObjectRefused,
    ObjectStorage,
    ObjectStorageRefuses,
    instance_key,
    quarantine_key,
)

Edge = Literal["DIMSE", "STOW-RS", "UPLOAD"]

SOURCE = "/gateway"
_COPY_BYTES = 1024 * 1024

SPOOL_REFUSED = Gauge(
    "radiology_spool_refused_files", "Accepted images that the object store or the disk refuses now"
)
SPOOL_DAMAGED = Gauge(
    "radiology_spool_damaged_files", "Accepted images that were set aside, being unreadable"
)

log = structlog.get_logger()


class SpoolFull(TransientError):
    """So much waits, or so little disk is free, that nothing more can be promised: send later."""

    code = "spool_full"


class SpoolInUse(PermanentError):
    """Another process uses this spool folder: give each its own (GATEWAY_SPOOL_DIR)."""

    code = "spool_in_use"


class InstanceTooLarge(PermanentError):
    """One instance is larger than the limit."""

    code = "instance_too_large"


class Slip(Contract):
    """What is known of a spooled file besides its bytes."""

    event_id: UUID
    received_by: Edge
    received_from: str
    received_at: UtcDatetime
    order_id: str | None = None
    size_bytes: int
    sha256: Sha256


@dataclass(frozen=True)
class Accepted:
    """An instance that is durable here."""

    header: InstanceHeader
    slip: Slip
    path: Path


@dataclass
class Spool:
    """Accepts files from any thread; drains them in the event loop. One process per folder."""

    folder: Path
    settings: ImagingSettings
    storage: ObjectStorage
    publisher: Publisher
    cache: ObjectCache

    def __post_init__(self) -> None:
        self._incoming = self.folder / "incoming"
        self._waiting = self.folder / "waiting"
        self._damaged = self.folder / "damaged"
        for folder in (self._incoming, self._waiting, self._damaged):
            folder.mkdir(parents=True, exist_ok=True)
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Path] = asyncio.Queue()
        self._lock = threading.Lock()
        self._bytes = 0
        self._refused: set[Path] = set()
        self._confirmed: deque[tuple[float, Path]] = deque()
        self.draining: asyncio.Task[None] | None = None

    # --------------------------------------------------------------------------- accepting
    def require_room(self, size_bytes: int = 0) -> None:
        """Raise `SpoolFull` when `size_bytes` more cannot be promised."""
        if self._free_bytes() - size_bytes < self.settings.spool_reserve_bytes:
            raise SpoolFull("the disk of the spool is nearly full")
        if self._bytes + size_bytes > self.settings.spool_limit_bytes:
            raise SpoolFull("too much waits for the object store or for Kafka")

    def require_acceptable(self, size_bytes: int) -> None:
        """Raise `InstanceTooLarge` or `SpoolFull` when an instance of this size cannot be kept."""
        if size_bytes > self.settings.max_instance_bytes:
            raise InstanceTooLarge(f"larger than {self.settings.max_instance_bytes} bytes")
        self.require_room(size_bytes)

    def new_file(self) -> BinaryIO:
        """Open a file for incoming bytes; give it to `accept`, or to `discard`.

        Opening and writing raise `SpoolFull` when the disk refuses.
        """
        try:
            return io.BufferedRandom(_SpoolFile(self._incoming / f"{new_id()}.part", "w+"))
        except OSError as error:
            raise _disk_refuses(error) from None

    def file_of(self, pieces: Iterable[bytes]) -> BinaryIO:
        """Open a file with these bytes; it is gone when they cannot all be had or written."""
        file = self.new_file()
        try:
            file.writelines(pieces)
        except BaseException:
            self.discard(file)
            raise
        return file

    def discard(self, file: BinaryIO) -> None:
        """Forget a file that was not accepted."""
        Path(file.name).unlink(missing_ok=True)
        # Closing writes what is still buffered, which a full disk refuses.
        with suppress(SpoolFull):
            file.close()

    def accept(
        self,
        file: BinaryIO,
        *,
        received_by: Edge,
        received_from: str,
        order_id: UUID | None = None,
        check: Callable[[InstanceHeader], None] = lambda _: None,
    ) -> Accepted:
        """Make an instance durable; blocks on the disk, so call it in a thread.

        Parameters
        ----------
        file : from `new_file`, holding one whole instance.
        check : looks at the header before anything is promised; may raise to refuse.

        Raises
        ------
        UnreadableInstance : the bytes are no instance that can be kept.
        SpoolFull : no room; the file is gone, nothing was promised.
        """
        try:
            size = file.seek(0, os.SEEK_END)
            self.require_acceptable(size)
            file.flush()
            header = parse_header(Path(file.name))
            check(header)
            slip = Slip(
                event_id=new_id(),
                received_by=received_by,
                received_from=received_from[:255],
                received_at=utc_now(),
                order_id=str(order_id) if order_id else None,
                size_bytes=size,
                sha256=_sha256(file),
            )
            path = self._make_durable(file, slip)
        except OSError as error:
            self.discard(file)
            raise _disk_refuses(error) from None
        except BaseException:
            self.discard(file)
            raise
        with self._lock:
            self._bytes += size
        self._loop.call_soon_threadsafe(self._queue.put_nowait, path)
        return Accepted(header, slip, path)

    def _make_durable(self, file: BinaryIO, slip: Slip) -> Path:
        path = self._waiting / f"{slip.event_id}.dcm"
        try:
            with _slip_of(path).open("wb") as slip_file:
                slip_file.write(slip.to_json())
                slip_file.flush()
                os.fsync(slip_file.fileno())
            os.fsync(file.fileno())
            file.close()
            Path(file.name).rename(path)
            _fsync_folder(self._waiting)
        except OSError:
            _remove(path)
            raise
        return path

    # ---------------------------------------------------------------------------- draining
    @property
    def waiting_bytes(self) -> int:
        """What S3 or Kafka has not confirmed yet."""
        return self._bytes

    def recover(self) -> int:
        """Find what an earlier process left: promised files go on, half-written ones go."""
        for leftover in self._incoming.iterdir():
            leftover.unlink(missing_ok=True)
        self._take_back()
        for slip in self._waiting.glob("*.json"):
            if not slip.with_suffix(".dcm").exists():
                slip.unlink()
        found = sorted(self._waiting.glob("*.dcm"))
        for path in found:
            self._bytes += path.stat().st_size
            self._queue.put_nowait(path)
        return len(found)

    def _take_back(self) -> None:
        """Try again what was set aside: this release may be able to read it."""
        for path in self._damaged.glob("*.dcm"):
            slip = _slip_of(path)
            if slip.exists():
                slip.rename(self._waiting / slip.name)
            if (self._waiting / slip.name).exists():
                path.rename(self._waiting / path.name)
        self._count_damaged()

    async def drain(self) -> None:
        """Bring files to S3 and their events to Kafka until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.settings.drain_workers):
                group.create_task(self._drain_forever())
            group.create_task(self._forget_confirmed())

    async def _forget_confirmed(self) -> None:
        """Remove what was confirmed a while ago; all of it when images would be refused for it."""
        while True:
            now, due = time.monotonic(), []
            nearly_full = self._free_bytes() < 2 * self.settings.spool_reserve_bytes
            while self._confirmed and (nearly_full or self._confirmed[0][0] <= now):
                due.append(self._confirmed.popleft()[1])
            await asyncio.to_thread(_remove, *due)
            await asyncio.sleep(1)

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self._waiting).free

    async def _drain_forever(self) -> None:
        while True:
            path = await self._queue.get()
            try:
                await self._bring_out(path)
            except (ObjectStorageRefuses, ObjectRefused, ObjectMissing) as error:
                # Rights, a bucket, a clock: no fault of the file, and a person mends it.
                await self._postpone_refused(path, str(error))
            except TransientError as error:
                log.warning("spool_postponed", reason=error.code, waiting=self._queue.qsize())
                await self._postpone(path)
            except (PermanentError, ValueError, FileNotFoundError) as error:
                # Nothing is thrown away: a person looks at what cannot be read.
                log.exception("spool_file_damaged", exc_info=error, file=path.name)
                self._set_aside(path)
            except OSError as error:
                await self._postpone_refused(path, os.strerror(error.errno or 0))
            else:
                self._refused.discard(path)
                SPOOL_REFUSED.set(len(self._refused))

    async def _postpone_refused(self, path: Path, reason: str) -> None:
        log.error("spool_refused", reason=reason, waiting=self._queue.qsize())
        self._refused.add(path)
        SPOOL_REFUSED.set(len(self._refused))
        await self._postpone(path)

    async def _postpone(self, path: Path) -> None:
        self._queue.put_nowait(path)
        await asyncio.sleep(1)

    async def _bring_out(self, path: Path) -> None:
        slip, header = await asyncio.to_thread(_read_spooled, path)
        key = await self._store(path, slip, header)
        stored = StoredObject(
            bucket=IMAGES_BUCKET, key=key, size_bytes=slip.size_bytes, sha256=slip.sha256
        )
        ingested = ImagesIngested(
            study_instance_uid=header.study_instance_uid,
            series_instance_uid=header.series_instance_uid,
            sop_instance_uid=header.sop_instance_uid,
            stored=stored,
            header=header,
            received_by=slip.received_by,
            received_from=slip.received_from,
            received_at=slip.received_at,
            order_id=slip.order_id,
        )
        await self.publisher.publish(
            new_event(
                IMAGES_INGESTED,
                await asyncio.to_thread(made_to_travel, ingested),
                subject=header.study_instance_uid,
                source=SOURCE,
                at=slip.received_at,
                event_id=slip.event_id,
            )
        )
        # A fresh study is about to be read: its bytes stay here, as a copy that may go.
        await asyncio.to_thread(self.cache.adopt, key, path)
        self._confirmed.append((time.monotonic() + self.settings.spool_keep_seconds, path))
        with self._lock:
            self._bytes = max(0, self._bytes - slip.size_bytes)

    async def _store(self, path: Path, slip: Slip, header: InstanceHeader) -> str:
        """Put the object under its key; other bytes under the same UID go to quarantine."""
        uids = (header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid)
        key = instance_key(*uids)
        if await self._put(key, path, slip):
            return key
        if await self.storage.sha256(IMAGES_BUCKET, key) == slip.sha256:
            return key
        key = quarantine_key(*uids, slip.sha256)
        await self._put(key, path, slip)
        return key

    async def _put(self, key: str, path: Path, slip: Slip) -> bool:
        with path.open("rb") as file:
            return await self.storage.put_once(
                IMAGES_BUCKET, key, file, content_type="application/dicom", sha256=slip.sha256
            )

    def _set_aside(self, path: Path) -> None:
        self._refused.discard(path)
        SPOOL_REFUSED.set(len(self._refused))
        if path.exists():
            with self._lock:
                self._bytes = max(0, self._bytes - path.stat().st_size)
            path.rename(self._damaged / path.name)
        if _slip_of(path).exists():
            _slip_of(path).rename(self._damaged / _slip_of(path).name)
        self._count_damaged()

    def _count_damaged(self) -> None:
        SPOOL_DAMAGED.set(sum(1 for _ in self._damaged.glob("*.dcm")))


class _SpoolFile(io.FileIO):
    """A file on the disk of the spool, below the buffer: says "full" to whoever writes."""

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise _disk_refuses(error) from None


def _disk_refuses(error: OSError) -> SpoolFull:
    return SpoolFull(f"the disk refuses to write ({os.strerror(error.errno or 0)})")


def _slip_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _remove(*paths: Path) -> None:
    """Remove spooled files: the bytes first, which are never without their slip."""
    for path in paths:
        path.unlink(missing_ok=True)
        _slip_of(path).unlink(missing_ok=True)


def _read_spooled(path: Path) -> tuple[Slip, InstanceHeader]:
    return Slip.model_validate_json(_slip_of(path).read_bytes()), parse_header(path)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_COPY_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@asynccontextmanager
async def open_spool(
    folder: Path,
    settings: ImagingSettings,
    storage: ObjectStorage,
    publisher: Publisher,
    cache: ObjectCache,
) -> AsyncIterator[Spool]:
    """Open the spool, take up what an earlier process left, and drain beside."""
    with _owned(folder):
        spool = Spool(folder, settings, storage, publisher, cache)
        if found := spool.recover():
            log.info("spool_recovered", count=found)
        spool.draining = asyncio.create_task(spool.drain())
        try:
            yield spool
        finally:
            spool.draining.cancel()
            await asyncio.gather(spool.draining, return_exceptions=True)


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; another one would send its files too, and remove them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SpoolInUse(f"another process uses the spool in {folder}") from None
        yield
