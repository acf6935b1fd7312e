"""Objects in S3, by any server; the only place that builds object keys.

What must stay true: an instance's object is written once and never overwritten.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import aioboto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.errors import ObjectMissing, ObjectStorageUnavailable, PermanentError
from services.settings import Settings

IMAGES_BUCKET = "radiology-images"
DOCUMENTS_BUCKET = "radiology-documents"
PIECE_BYTES = 1 << 19
"""Of a large object so much is in memory at a time."""
_MISSING = {"NoSuchKey", "404", "NotFound"}
_NO_BUCKET = "NoSuchBucket"
_ARCHIVED = "InvalidObjectState"
"""A 403 that speaks of one object: moved to a tier from which it must be restored first."""
_EXISTS = {"PreconditionFailed", "412", "ConditionalRequestConflict"}


class ObjectRefused(PermanentError):
    """The object store refuses this one object (name, size, archived tier)."""

    code = "object_refused"


class ObjectStorageRefuses(ObjectStorageUnavailable):
    """The object store refuses us (key, rights, bucket, clock): every object, until it is mended.

    No object is the worse for it, so it is waited for like a store that is away.
    """

    code = "object_storage_refuses"


class ObjectStorageSettings(Settings):
    """Where the S3 server is; the spec's names, good for MinIO, SeaweedFS and AWS."""

    model_config = SettingsConfigDict(env_prefix="MINIO_")

    endpoint: str = Field(default="127.0.0.1", description="Host name, without scheme")
    port: int = Field(default=9000, ge=1, le=65535, description="443 for AWS")
    use_ssl: bool = Field(default=False, description="Encrypt, and check the certificate")
    access_key: str = Field(description="May make, read and write both buckets")
    secret_key: SecretStr = Field(description="Its secret")
    region: str = Field(default="us-east-1", description="As the server names its region")
    public_url: str = Field(
        default="",
        description="Where readers of presigned links reach the server; empty: as we do",
    )

    @field_validator("public_url")
    @classmethod
    def _is_a_server(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or parts.path.strip("/")):
            raise ValueError("must be an http or https URL without a path")
        return value.rstrip("/")

    @property
    def url(self) -> str:
        """Endpoint as a URL."""
        return f"{'https' if self.use_ssl else 'http'}://{self.endpoint}:{self.port}"


def series_prefix(study: str) -> str:
    """Return what the keys of all series of a study begin with."""
    return f"studies/{study}/series/"


def instance_key(study: str, series: str, sop: str) -> str:
    """Return the key of an instance's bytes, as received."""
    return f"studies/{study}/series/{series}/instances/{sop}.dcm"


def quarantine_key(study: str, series: str, sop: str, sha256: str) -> str:
    """Return the key of bytes that contradict a stored instance."""
    return f"quarantine/{study}/{series}/{sop}/{sha256}.dcm"


def metadata_key(study: str, series: str) -> str:
    """Return the key of a series' WADO-RS metadata (gzip)."""
    return f"studies/{study}/series/{series}/metadata.json.gz"


def frames_key(study: str, series: str) -> str:
    """Return the key of a series' frame index (gzip)."""
    return f"studies/{study}/series/{series}/frames.json.gz"


def thumbnail_key(study: str, series: str) -> str:
    """Return the key of a series' thumbnail (JPEG)."""
    return f"studies/{study}/series/{series}/thumbnail.jpg"


def report_document_key(
    order_id: object, report_number: str, version: int, addenda: int = 0
) -> str:
    """Return the key of a report's PDF; a later addendum makes another document of a version."""
    suffix = f"-a{addenda}" if addenda else ""
    return f"reports/{order_id}/{report_number}-v{version}{suffix}.pdf"


class ObjectStorage:
    """Put and get objects; one client, many requests at once.

    Parameters
    ----------
    signer : a client of the address that presigned links have, when it is another.
    """

    def __init__(self, client: Any, signer: Any = None) -> None:
        self._client = client
        self._signer = signer or client
        self.is_open = True
        """Whether the store let us in when it last answered; for /health/ready."""

    async def put(
        self, bucket: str, key: str, body: bytes, *, content_type: str, encoding: str = ""
    ) -> None:
        """Write an object; a later one replaces it."""
        extra = {"ContentEncoding": encoding} if encoding else {}
        with self._translated():
            await self._client.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType=content_type, **extra
            )

    async def put_once(
        self, bucket: str, key: str, body: bytes | BinaryIO, *, content_type: str, sha256: str = ""
    ) -> bool:
        """Write an object if there is none under the key; False when there was one."""
        try:
            with self._translated():
                await self._client.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    IfNoneMatch="*",
                    Metadata={"sha256": sha256} if sha256 else {},
                )
        except _AlreadyThere:
            return False
        return True

    async def get(self, bucket: str, key: str) -> bytes:
        """Read an object whole; `ObjectMissing` when there is none."""
        with self._translated():
            answer = await self._client.get_object(Bucket=bucket, Key=key)
            async with answer["Body"] as body:
                data: bytes = await body.read()
                return data

    async def get_range(self, bucket: str, key: str, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`; fewer when the object ends before."""
        with self._translated():
            answer = await self._client.get_object(
                Bucket=bucket, Key=key, Range=f"bytes={offset}-{offset + length - 1}"
            )
            async with answer["Body"] as body:
                data: bytes = await body.read()
                return data

    async def pieces(
        self, bucket: str, key: str, offset: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yield bytes of an object as they come, some at a time; `length` None: to its end."""
        end = "" if length is None else offset + length - 1
        with self._translated():
            answer = await self._client.get_object(
                Bucket=bucket, Key=key, Range=f"bytes={offset}-{end}"
            )
            async with answer["Body"]:
                waiting = bytearray()
                while chunk := await answer["Body"].read(PIECE_BYTES):
                    waiting += chunk
                    if len(waiting) >= PIECE_BYTES:
                        yield bytes(waiting)
                        waiting.clear()
                if waiting:
                    yield bytes(waiting)

    async def size(self, bucket: str, key: str) -> int:
        """Return an object's size in bytes; `ObjectMissing` when there is none."""
        with self._translated():
            answer = await self._client.head_object(Bucket=bucket, Key=key)
            return int(answer["ContentLength"])

    async def sha256(self, bucket: str, key: str) -> str:
        """Return the digest of an object, as its writer noted it, or else computed from it."""
        with self._translated():
            answer = await self._client.head_object(Bucket=bucket, Key=key)
        noted = str(answer.get("Metadata", {}).get("sha256", ""))
        return noted or hashlib.sha256(await self.get(bucket, key)).hexdigest()

    async def keys(self, bucket: str, prefix: str) -> AsyncIterator[str]:
        """List keys below a prefix."""
        paginator = self._client.get_paginator("list_objects_v2")
        with self._translated():
            async for page in paginator.paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield entry["Key"]

    async def delete(self, bucket: str, key: str) -> None:
        """Delete an object that may be deleted: documents, never instances."""
        with self._translated():
            await self._client.delete_object(Bucket=bucket, Key=key)

    async def presigned_url(self, bucket: str, key: str, *, expires_seconds: int) -> str:
        """Return a URL that reads one object for a while, without credentials."""
        url: str = await self._signer.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=expires_seconds
        )
        return url

    async def ensure_buckets(self) -> None:
        """Create the buckets that are missing."""
        for bucket in (IMAGES_BUCKET, DOCUMENTS_BUCKET):
            try:
                with self._translated():
                    await self._client.head_bucket(Bucket=bucket)
            except ObjectMissing:
                with self._translated():
                    await self._client.create_bucket(Bucket=bucket)

    def _translated(self) -> "_Translated":
        return _Translated(self)


class _AlreadyThere(ObjectRefused):
    """A conditional write found an object."""


class _Translated:
    """Turns driver errors into ours, at the one place that knows the driver."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ClientError):
            told = _told(error)
            self._storage.is_open = not isinstance(told, ObjectStorageRefuses)
            raise told from None
        if isinstance(error, BotoCoreError | OSError | TimeoutError):
            raise ObjectStorageUnavailable(type(error).__name__) from error
        if error is None:
            self._storage.is_open = True


def _told(error: ClientError) -> Exception:
    """Return what an answer of the server means to us."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in _MISSING or (status == 404 and code != _NO_BUCKET):
        return ObjectMissing("no object under this key")
    if code in _EXISTS:
        return _AlreadyThere(code)
    if status >= 500 or status == 429 or code in {"SlowDown", "RequestTimeout"}:
        return ObjectStorageUnavailable(code)
    if code == _NO_BUCKET or (status in (401, 403) and code != _ARCHIVED):
        return ObjectStorageRefuses(code)
    return ObjectRefused(code)


@asynccontextmanager
async def open_object_storage(
    settings: ObjectStorageSettings, *, max_connections: int = 16
) -> AsyncIterator[ObjectStorage]:
    """Open a client; closes its connections on leaving."""
    session = aioboto3.Session()
    async with AsyncExitStack() as stack:

        async def client_of(url: str) -> Any:
            return await stack.enter_async_context(
                session.client(
                    "s3",
                    endpoint_url=url,
                    aws_access_key_id=settings.access_key,
                    aws_secret_access_key=settings.secret_key.get_secret_value(),
                    region_name=settings.region,
                    config=Config(
                        max_pool_connections=max_connections,
                        connect_timeout=3,
                        read_timeout=20,
                        retries={"total_max_attempts": 2, "mode": "standard"},
                        s3={"addressing_style": "path"},
                        request_checksum_calculation="when_required",
                        response_checksum_validation="when_required",
                    ),
                )
            )

        signer = await client_of(settings.public_url) if settings.public_url else None
        yield ObjectStorage(await client_of(settings.url), signer)
