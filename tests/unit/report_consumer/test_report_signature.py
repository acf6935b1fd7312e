"""The signature: what it stands under cannot be changed, moved or signed by somebody else."""

import base64
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from contracts.enumerations import ReportStatus
from contracts.events.report_drafted import ReportContent
from contracts.events.report_finalized import SignatureIntent
from contracts.events.report_updated import ReportVersion
from report_consumer.canonical import canonical, sha256
from report_consumer.domain import know_order
from report_consumer.errors import SigningKeyInvalid
from report_consumer.signature import (
    Place,
    PrivateKey,
    SignatureBroken,
    Signer,
    load_or_make_key,
    trusted_keys,
    verify,
)
from tests.harness.orders import NOW
from tests.harness.reports import ADAMS, SMITH, content, order_state

PLACE = Place(uuid4(), "RAD-20261125-ABCDE", uuid4(), "a" * 64)
INTENT = SignatureIntent(method="PIN", authenticated_at=NOW - timedelta(seconds=10))
EXAM = know_order(order_state()).exam
DIGESTS = json.loads((Path(__file__).parents[2] / "contracts" / "digests.json").read_text())


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "signing.pem"
    load_or_make_key(path)
    return path


def signed(key: PrivateKey) -> ReportVersion:
    version = ReportVersion(
        id=uuid4(),
        number=2,
        status=ReportStatus.FINAL,
        content=content(),
        exam=EXAM,
        radiologist=ADAMS,
        created_at=NOW,
    )
    signature = Signer(key).sign(version, PLACE, INTENT, now=NOW)
    return version.model_copy(update={"signature": signature})


def test_what_was_signed_verifies(key_file: Path) -> None:
    verify(signed(load_or_make_key(key_file)), PLACE, trusted_keys(key_file))


def test_what_went_over_the_wire_verifies(key_file: Path) -> None:
    version = signed(load_or_make_key(key_file))

    arrived = ReportVersion.model_validate_json(version.to_json())

    verify(arrived, PLACE, trusted_keys(key_file))


def test_ed25519_key_signs_as_well(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    write_key(path, Ed25519PrivateKey.generate())

    version = signed(load_or_make_key(path))

    assert version.signature is not None
    assert version.signature.key_id.startswith("EdDSA:")
    verify(version, PLACE, trusted_keys(path))


CHANGES = {
    "text": {"content": content(impression="Nothing found.")},
    "tick": {"content": content(checklist={})},
    "patient": {"exam": EXAM.model_copy(update={"accession_number": "20261125-OTHER"})},
    "no exam": {"exam": None},
    "number": {"number": 3},
    "status": {"status": ReportStatus.AMENDED},
    "reason": {"amendment_reason": "Because"},
    "author": {"radiologist": SMITH},
    "created": {"created_at": NOW + timedelta(microseconds=1)},
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_version_does_not_verify(key_file: Path, change: str) -> None:
    version = signed(load_or_make_key(key_file)).model_copy(update=CHANGES[change])

    with pytest.raises(SignatureBroken):
        verify(version, PLACE, trusted_keys(key_file))


@pytest.mark.parametrize(
    "change",
    [
        {"signed_by": SMITH},
        {"signed_at": NOW + timedelta(seconds=1)},
        {"meaning": "I have not read this"},
        {"method": "OIDC"},
        {"authenticated_at": None},
        {"content_sha256": "0" * 64},
        {"key_id": "ES256:somebody"},
        {"jws": "e30.e30.AA"},
        {"jws": ""},
    ],
)
def test_changed_signature_does_not_verify(key_file: Path, change: dict[str, object]) -> None:
    version = signed(load_or_make_key(key_file))
    assert version.signature is not None
    signature = version.signature.model_copy(update=change)

    with pytest.raises(SignatureBroken):
        verify(version.model_copy(update={"signature": signature}), PLACE, trusted_keys(key_file))


@pytest.mark.parametrize(
    "place",
    [
        Place(uuid4(), PLACE.report_number, PLACE.order_id, PLACE.previous_sha256),
        Place(PLACE.report_id, "RAD-20261125-OTHER", PLACE.order_id, PLACE.previous_sha256),
        Place(PLACE.report_id, PLACE.report_number, uuid4(), PLACE.previous_sha256),
        Place(PLACE.report_id, PLACE.report_number, PLACE.order_id, ""),
    ],
)
def test_version_does_not_verify_in_another_place(key_file: Path, place: Place) -> None:
    """A genuine version of one patient's report must not pass in another's."""
    with pytest.raises(SignatureBroken):
        verify(signed(load_or_make_key(key_file)), place, trusted_keys(key_file))


def test_unsigned_version_does_not_verify(key_file: Path) -> None:
    version = signed(load_or_make_key(key_file)).model_copy(update={"signature": None})

    with pytest.raises(SignatureBroken):
        verify(version, PLACE, trusted_keys(key_file))


def test_signature_without_algorithm_does_not_verify(key_file: Path) -> None:
    """RFC 8725 section 3.1: the header must not choose how it is checked."""
    version = signed(load_or_make_key(key_file))
    assert version.signature is not None
    header, payload, _ = version.signature.jws.split(".")
    fields = json.loads(base64.urlsafe_b64decode(header + "==")) | {"alg": "none"}
    forged = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    signature = version.signature.model_copy(update={"jws": f"{forged}.{payload}."})

    with pytest.raises(SignatureBroken):
        verify(version.model_copy(update={"signature": signature}), PLACE, trusted_keys(key_file))


def test_any_jose_library_can_check_the_signature(key_file: Path) -> None:
    version = signed(load_or_make_key(key_file))
    assert version.signature is not None
    [key] = trusted_keys(key_file).values()

    decoded = jwt.PyJWS().decode_complete(version.signature.jws, key, algorithms=["ES256"])

    assert json.loads(decoded["payload"])["contentSha256"] == version.signature.content_sha256
    assert decoded["header"]["kid"] == version.signature.key_id


def test_key_of_its_own_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "signing.pem"

    first, second = load_or_make_key(path), load_or_make_key(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer(first).key_id == Signer(second).key_id
    assert list(path.parent.iterdir()) == [path]


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    load_or_make_key(path)
    path.chmod(0o644)

    with pytest.raises(SigningKeyInvalid, match="chmod 600"):
        load_or_make_key(path)


@pytest.mark.parametrize(
    "text", [b"", b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"]
)
def test_file_that_holds_no_key_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "signing.pem"
    path.write_bytes(text)
    path.chmod(0o600)

    with pytest.raises(SigningKeyInvalid):
        load_or_make_key(path)


def test_key_of_another_curve_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    write_key(path, generate_private_key(SECP384R1()))

    with pytest.raises(SigningKeyInvalid, match="P-256"):
        load_or_make_key(path)


def test_report_of_an_earlier_key_still_verifies(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pem", tmp_path / "signing.pem"
    version = signed(load_or_make_key(old))
    public = load_or_make_key(old).public_key()
    (tmp_path / "2025.pub.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    load_or_make_key(new)

    verify(version, PLACE, trusted_keys(new))


def test_canonical_form_is_rfc_8785() -> None:
    value = {"b": 1, "a": {"\U0001f600": "x", "\ufb33": '\u20ac\n\u000f\\"/'}, "c": [3, True]}

    text = canonical(value)

    # In UTF-16 the emoji begins with a surrogate, and so sorts before U+FB33.
    assert text == (
        '{"a":{"\U0001f600":"x","\ufb33":"\u20ac\\n\\u000f\\\\\\"/"},"b":1,"c":[3,true]}'.encode()
    )


def test_member_that_says_nothing_changes_no_hash() -> None:
    """A later release may add a field; what was signed before must still verify."""
    assert sha256({"a": "x"}) == sha256({"a": "x", "b": "", "c": None, "d": {}, "e": False})
    assert sha256({"a": 0}) != sha256({})


def test_content_hash_as_a_browser_computes_it() -> None:
    """The example of docs/architecture/report_consumer.md."""
    shown = ReportContent(findings="Clear.", impression="Normal.", checklist={"bones": True})

    assert canonical(shown) == (
        b'{"checklist":{"bones":true},"findings":"Clear.","impression":"Normal."}'
    )
    assert sha256(shown) == "a28c2c4a1b5ce756dae2555ba143df8bf4dbe6854cf86f4ad3493f1ea5570f94"


@pytest.mark.parametrize("known", DIGESTS, ids=lambda known: known["about"])
def test_digest_that_the_portal_computes_as_well(known: dict[str, Any]) -> None:
    """`portals/shared/report/digest.test.ts` reads the same file: both must stay the same."""
    assert sha256(ReportContent.model_validate(known["content"])) == known["sha256"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_different_texts_have_different_canonical_forms(first: str, second: str) -> None:
    same = canonical({"t": first}) == canonical({"t": second})

    assert same == (first == second)


def write_key(path: Path, key: object) -> None:
    pem = key.private_bytes(  # type: ignore[attr-defined]
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.write_bytes(pem)
    path.chmod(0o600)
