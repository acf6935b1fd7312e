"""Bodies of STOW-RS and of upload forms, as clients make them."""

from collections.abc import Iterable

BOUNDARY = "boundary-of-the-test"
RELATED = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


def related(parts: Iterable[bytes], *, closed: bool = True) -> bytes:
    """Return a multipart/related body of DICOM parts."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts)
    return body + (f"--{BOUNDARY}--\r\n".encode() if closed else b"")
