"""The other end of `services.side_process`, in the process that answers.

A module of its own, and a small one: a process that is there to be small loads nothing else.
"""

import struct
import sys
from collections.abc import Callable

LENGTH = struct.Struct(">I")
"""Length in bytes of what follows, in both directions."""


def answer_all(answer: Callable[[bytes], bytes]) -> None:
    """Answer what comes by standard input by standard output, until the input ends."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := questions.read(LENGTH.size)) == LENGTH.size:
        made = answer(questions.read(*LENGTH.unpack(head)))
        answers.write(LENGTH.pack(len(made)) + made)
        answers.flush()
