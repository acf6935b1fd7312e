"""What an S3 server answers, as one of our errors: who reads it knows whether to wait."""

import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr, ValidationError

from services.errors import ObjectMissing
from services.object_storage import (
    ObjectRefused,
    ObjectStorage,
    ObjectStorageSettings,
    open_object_storage,
)


class Answering:
    """A client whose server answers each request with one error."""

    def __init__(self, code: str, status: int) -> None:
        self._error = ClientError(
            {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
            "HeadObject",
        )

    async def head_object(self, **_: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("404", 404, ObjectMissing),
        ("NoSuchKey", 404, ObjectMissing),
        ("NoSuchBucket", 404, ObjectRefused),
        ("RequestTimeTooSkewed", 403, ObjectRefused),
    ],
)
async def test_a_bucket_that_is_missing_is_no_missing_object(
    code: str, status: int, error: type[Exception]
) -> None:
    """A wrong setting is told by its name, and is mended; an object that is gone is gone."""
    with pytest.raises(error):
        await ObjectStorage(Answering(code, status)).size("bucket", "key")


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
