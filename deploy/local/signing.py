"""The key that signs reports, made once per installation.

What must stay true: it is never replaced, else the reports signed so far could not be verified.
"""

from pathlib import Path

from deploy.local.state import State, write_private


def ensure_signing_key(state: State) -> Path:
    """Return the PEM file (PKCS #8, P-256) of the signing key, made if it is missing."""
    path = state.folder / "report-signing-key.pem"
    if not path.exists():
        write_private(path, _new_key())
    return path


def _new_key() -> str:
    # Imported here: slow to load, and needed once.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
