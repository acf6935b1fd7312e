"""The key that signs reports, made once per installation.

What must stay true: it is never replaced, else the reports signed so far could not be verified.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.state import State, write_private


def ensure_signing_key(state: State) -> Path:
    """Return the PEM file (PKCS #8, P-256) of the signing key, made if it is missing."""
    path = state.folder / "report-signing-key.pem"
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem.decode())
    return path
