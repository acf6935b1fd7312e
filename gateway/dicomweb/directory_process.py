"""The process that writes a DICOMDIR: `python -m gateway.dicomweb.directory_process`.

The header of each file comes by standard input, its name in the archive goes out by standard
output; an empty one asks for the directory of all. The end of the input ends it, so it never
outlives the gateway, which is spared pydicom and its memory.
"""

import struct
import sys

LENGTH = struct.Struct(">I")
"""Length in bytes of what follows, in both directions."""
UNNAMED = "OTHER/"
"""Folder of the files that the directory cannot name."""


def main() -> None:
    """Answer what comes by standard input, until it ends."""
    # For this process only; the gateway imports the shape of questions and answers.
    from gateway.dicomweb.directory import Directory  # noqa: PLC0415

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    directory = Directory()
    while len(head := questions.read(LENGTH.size)) == LENGTH.size:
        header = questions.read(*LENGTH.unpack(head))
        answer = directory.add(header).encode() if header else directory.write()
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()
