"""What an S3 server answers, as one of our errors: who reads it knows whether to wait."""

import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr, ValidationError

from services.errors import ObjectMissing, ObjectStorageUnavailable, TransientError
from services.object_storage import (
    ObjectRefused,
    ObjectStorage,
    ObjectStorageRefuses,
    ObjectStorageSettings,
    open_object_storage,
)


class Answering:
    """A client whose server answers each request with one error, until it is mended."""

    def __init__(self, code: str, status: int) -> None:
        self._error: ClientError | None = ClientError(
            {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
            "HeadObject",
        )

    async def head_object(self, **_: object) -> dict[str, int]:
        if self._error:
            raise self._error
        return {"ContentLength": 1}

    def mend(self) -> None:
        self._error = None


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("404", 404, ObjectMissing),
        ("NoSuchKey", 404, ObjectMissing),
        ("NoSuchBucket", 404, ObjectStorageRefuses),
        ("401", 401, ObjectStorageRefuses),
        ("AccessDenied", 403, ObjectStorageRefuses),
        ("InvalidAccessKeyId", 403, ObjectStorageRefuses),
        ("RequestTimeTooSkewed", 403, ObjectStorageRefuses),
        ("InvalidObjectState", 403, ObjectRefused),
        ("KeyTooLongError", 400, ObjectRefused),
        ("SlowDown", 503, ObjectStorageUnavailable),
    ],
)
async def test_a_wrong_key_or_bucket_is_no_fault_of_the_object(
    code: str, status: int, error: type[Exception]
) -> None:
    """A wrong setting is told by its name, and is mended; an object that is gone is gone."""
    with pytest.raises(error):
        await ObjectStorage(Answering(code, status)).size("bucket", "key")

    assert issubclass(error, TransientError) is (error not in (ObjectMissing, ObjectRefused))


async def test_store_that_refuses_us_is_open_again_with_its_first_answer() -> None:
    client = Answering("AccessDenied", 403)
    storage = ObjectStorage(client)

    with pytest.raises(ObjectStorageRefuses):
        await storage.size("bucket", "key")
    was_open = storage.is_open
    client.mend()
    await storage.size("bucket", "key")

    assert (was_open, storage.is_open) == (False, True)


async def test_object_that_is_missing_leaves_the_store_open() -> None:
    storage = ObjectStorage(Answering("NoSuchKey", 404))

    with pytest.raises(ObjectMissing):
        await storage.size("bucket", "key")

    assert storage.is_open


def settings(**changes: str) -> ObjectStorageSettings:
    keys = {"access_key": "key", "secret_key": SecretStr("secret")}
    return ObjectStorageSettings(**({"endpoint": "s3", "port": 8333} | keys | changes))


@pytest.mark.parametrize(
    ("public_url", "beginning"),
    [
        ("", "http://s3:8333/bucket/key?"),
        ("https://images.hospital.example", "https://images.hospital.example/bucket/key?"),
    ],
)
async def test_link_without_a_session_leads_where_its_reader_can_go(
    public_url: str, beginning: str
) -> None:
    """The host is part of what is signed: a proxy cannot put another one there afterwards."""
    async with open_object_storage(settings(public_url=public_url)) as storage:
        link = await storage.presigned_url("bucket", "key", expires_seconds=60)

    assert link.startswith(beginning)


@pytest.mark.parametrize("url", ["images.hospital.example", "https://hospital.example/s3"])
def test_public_address_is_a_server_and_no_more(url: str) -> None:
    with pytest.raises(ValidationError, match="must be an http or https URL without a path"):
        settings(public_url=url)
