"""Signing keys. After a change of key the old one stays published, so that its tokens hold."""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
_KEPT = 3


class SigningKeys:
    """The newest key signs; the newest three are published."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._private = self._load()
        if not self._private:
            self.rotate()

    def rotate(self) -> str:
        """Make a new key, sign with it from now on, return its id."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._private = [RSAAlgorithm.to_jwk(key, as_dict=True), *self._private][:_KEPT]
        self._save()
        return key_id(self._private[0])

    def sign(self, claims: dict[str, Any], *, kind: str = "JWT") -> str:
        """Return the claims as a signed token of the given `typ`."""
        newest = self._private[0]
        headers = {"kid": key_id(newest), "typ": kind}
        key = RSAAlgorithm.from_jwk(newest)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the key file holds a public key only")
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers=headers)

    def verify(
        self, token: str, *, audience: str, issuer: str, expired_too: bool = False
    ) -> dict[str, Any]:
        """Return the claims of a token of ours; raises `jwt.InvalidTokenError` for any other."""
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((jwk for jwk in self._private if key_id(jwk) == kid), None)
        if key is None:
            raise jwt.InvalidTokenError("signed with a key that is not ours")
        return jwt.decode(
            token,
            jwt.PyJWK.from_dict(_public(key)).key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=issuer,
            options={"verify_exp": not expired_too, "require": ["exp", "iat", "sub"]},
        )

    def published(self) -> dict[str, Any]:
        """Return the JSON Web Key Set: public parts only."""
        return {"keys": [_public(jwk) for jwk in self._private]}

    def _load(self) -> list[dict[str, Any]]:
        if self._file is None or not self._file.exists():
            return []
        keys: list[dict[str, Any]] = json.loads(self._file.read_text())["keys"]
        return keys

    def _save(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"keys": self._private, "written": int(time.time())}))
        fresh.replace(self._file)


def _public(jwk: dict[str, Any]) -> dict[str, Any]:
    return {
        "kty": "RSA", "n": jwk["n"], "e": jwk["e"],
        "kid": key_id(jwk), "use": "sig", "alg": ALGORITHM,
    }  # fmt: skip


def key_id(jwk: dict[str, Any]) -> str:
    """Return the thumbprint of a key (RFC 7638)."""
    canonical = json.dumps({part: jwk[part] for part in ("e", "kty", "n")}, separators=(",", ":"))
    return base64url(hashlib.sha256(canonical.encode()).digest())


def base64url(data: bytes) -> str:
    """Return base64url without padding, as all of JOSE writes it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
