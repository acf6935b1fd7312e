"""The electronic signature of a report version: JWS (RFC 7515) over the SHA-256 of what is signed.

What must stay true: the signed record holds all that the reader relies on (exam and patient, text,
who, when, meaning, reason of an amendment) and the hash of the version before it. So nothing can be
changed, left out or put in between without breaking a hash (21 CFR 11.10(e), 11.50, 11.70).
"""

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeAlias
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from contracts.base import Contract
from contracts.events.report_finalized import SignatureIntent
from contracts.events.report_updated import ReportVersion, Signature
from contracts.people import Actor
from report_consumer.canonical import Json, canonical, sha256
from report_consumer.errors import SigningKeyInvalid

PrivateKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey
PublicKey: TypeAlias = EllipticCurvePublicKey | Ed25519PublicKey

_RECORD = "radiology-report/1"
_TYPE = "radiology-report+jws"
_ALGORITHMS = ("ES256", "EdDSA")
_JWS = jwt.PyJWS(algorithms=list(_ALGORITHMS))


class SignatureBroken(Exception):
    """A signature does not fit what it stands under; the message says in what."""


@dataclass(frozen=True)
class Place:
    """Where a version stands: of which report, and after which signed version."""

    report_id: UUID
    report_number: str
    order_id: UUID
    previous_sha256: str = ""


class Signer:
    """Signs with the one private key of this installation."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key
        self.key_id = key_id(key.public_key())

    def sign(
        self, version: ReportVersion, place: Place, intent: SignatureIntent, *, now: datetime
    ) -> Signature:
        """Return the signature to put under a version.

        Parameters
        ----------
        now : the database's clock; it becomes `signed_at`.
        """
        digest = sha256(signed_record(version, place, version.radiologist, intent, now))
        jws = _JWS.encode(
            canonical(_payload(digest, version, place, now)),
            self._key,
            algorithm=_algorithm(self._key.public_key()),
            headers={"typ": _TYPE, "kid": self.key_id},
        )
        return Signature(
            signed_by=version.radiologist,
            signed_at=now,
            meaning=intent.meaning,
            method=intent.method,
            authenticated_at=intent.authenticated_at,
            content_sha256=digest,
            jws=jws,
            key_id=self.key_id,
        )


def signed_record(
    version: ReportVersion,
    place: Place,
    signer: Actor,
    intent: SignatureIntent,
    signed_at: datetime,
) -> dict[str, Json]:
    """Return all that a signature stands under, as JSON."""
    return {
        "record": _RECORD,
        "reportId": str(place.report_id),
        "reportNumber": place.report_number,
        "orderId": str(place.order_id),
        "previousSha256": place.previous_sha256,
        "versionId": str(version.id),
        "versionNumber": version.number,
        "status": version.status.value,
        "amendedFrom": str(version.amended_from or ""),
        "amendmentReason": version.amendment_reason,
        "exam": _json(version.exam) if version.exam else {},
        "content": _json(version.content),
        "radiologist": _json(version.radiologist),
        "createdAt": version.created_at.isoformat(),
        "signature": {
            "signedBy": _json(signer),
            "signedAt": signed_at.isoformat(),
            "meaning": intent.meaning,
            "method": intent.method,
            "authenticatedAt": intent.authenticated_at.isoformat(),
        },
    }


def verify(version: ReportVersion, place: Place, trusted: Mapping[str, PublicKey]) -> None:
    """Check the signature under a version.

    Parameters
    ----------
    trusted : public keys by key id; a key that only the report or the database names is none.

    Raises
    ------
    SignatureBroken : the content, the place in the chain or the signature itself was changed, or
        the key is not one of ours.
    """
    signature = version.signature
    if signature is None:
        raise SignatureBroken("there is no signature")
    intent = SignatureIntent(
        method=signature.method,
        authenticated_at=signature.authenticated_at or signature.signed_at,
        meaning=signature.meaning,
    )
    record = signed_record(version, place, signature.signed_by, intent, signature.signed_at)
    digest = sha256(record)
    if digest != signature.content_sha256:
        raise SignatureBroken("the content is not what was signed")
    key = trusted.get(signature.key_id)
    if key is None:
        raise SignatureBroken(f"the key {signature.key_id} is not one of the trusted keys")
    payload = _verified_payload(signature.jws, key, signature.key_id)
    if payload != canonical(_payload(digest, version, place, signature.signed_at)):
        raise SignatureBroken("the signature belongs to something else")


def load_or_make_key(path: Path) -> PrivateKey:
    """Load the signing key; make it, readable by its owner only, when there is none.

    Raises
    ------
    SigningKeyInvalid : the file cannot be read, others may read it, or it holds no such key.
    """
    try:
        if not path.exists():
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise SigningKeyInvalid("others may read the signing key; run chmod 600 on its file")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyInvalid(
            f"the signing key cannot be read or made ({type(error).__name__})"
        ) from None
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise SigningKeyInvalid("the signing key must be P-256 or Ed25519")
    _algorithm(key.public_key())
    return key


def trusted_keys(path: Path) -> Mapping[str, PublicKey]:
    """Return the public keys that reports may be signed with, by key id.

    They are the signing key itself and the `*.pub.pem` beside it, left there when it was changed.
    """
    public: list[PublicKey] = []
    if path.exists():
        public.append(load_or_make_key(path).public_key())
    for file in sorted(path.parent.glob("*.pub.pem")):
        key = load_pem_public_key(file.read_bytes())
        if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
            raise SigningKeyInvalid(f"{file.name} holds no P-256 or Ed25519 key")
        public.append(key)
    return {key_id(key): key for key in public}


def key_id(key: PublicKey) -> str:
    """Return the thumbprint of a key (RFC 7638): the same wherever it is computed."""
    algorithm = _algorithm(key)
    if isinstance(key, Ed25519PublicKey):
        jwk = jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True)
        members = {name: jwk[name] for name in ("crv", "kty", "x")}
    else:
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True)
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return f"{algorithm}:{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _verified_payload(jws: str, key: PublicKey, expected_key_id: str) -> bytes:
    try:
        # The algorithm follows from our key, never from the header.
        decoded = _JWS.decode_complete(jws, key, algorithms=[_algorithm(key)])
    except jwt.InvalidTokenError:
        raise SignatureBroken("the signature is not by this key") from None
    header = decoded["header"]
    if header.get("kid") != expected_key_id or header.get("typ") != _TYPE:
        raise SignatureBroken("the signature was made for something else")
    payload: bytes = decoded["payload"]
    return payload


def _payload(
    digest: str, version: ReportVersion, place: Place, signed_at: datetime
) -> dict[str, Json]:
    return {
        "contentSha256": digest,
        "previousSha256": place.previous_sha256,
        "reportNumber": place.report_number,
        "versionNumber": version.number,
        "status": version.status.value,
        "signedAt": signed_at.isoformat(),
    }


def _algorithm(key: PublicKey) -> str:
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if not isinstance(key.curve, SECP256R1):
        raise SigningKeyInvalid("the signing key must be P-256 or Ed25519")
    return "ES256"


def _make_key(path: Path) -> None:
    """Write a new key; of two workers that start together, the first one's stays."""
    key = generate_private_key(SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, prefix=".signing-key-") as file:  # mode 0600
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _json(part: Contract) -> Json:
    dump: Json = part.model_dump(mode="json", by_alias=True)
    return dump
