"""The process that hashes PINs: `python -m gateway.pin_hashing`.

Each try takes 16 MiB, as it must, and not of the gateway. It is asked a salt with the PIN behind
it, in UTF-8, and answers the hash.
"""

import hashlib

from services.side_process_loop import answer_all

SALT_BYTES = 16


def scrypt(pin: bytes, salt: bytes) -> bytes:
    """16 MiB and some 40 ms a try (RFC 7914: N 2^14, r 8, p 1)."""
    return hashlib.scrypt(pin, salt=salt, n=2**14, r=8, p=1, dklen=32)


if __name__ == "__main__":
    answer_all(lambda question: scrypt(question[SALT_BYTES:], question[:SALT_BYTES]))
