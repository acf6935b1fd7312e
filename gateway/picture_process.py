"""The process that decodes pictures: `python -m gateway.picture_process`.

It is asked by the names of two files, and what a picture is to be told to be: it reads the one,
writes a DICOM file into the other, and answers only why it could not. What is large goes by way of
the disk, and never through the gateway.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from services.dicom.capture_context import CaptureContext
from services.side_process_loop import answer_all

WRITTEN: Final = b""
NO_ROOM: Final = "no_room"
"""The problem that is the disk's, and not the picture's."""


@dataclass(frozen=True)
class Question:
    """One picture."""

    picture: Path
    capture: Path
    context: CaptureContext


QUESTION = TypeAdapter(Question)


def main() -> None:
    """Answer until nothing is asked any more."""
    # For this process only; the gateway imports the shape of questions and answers.
    from services.dicom.errors import UnreadableInstance  # noqa: PLC0415
    from services.dicom.secondary_capture import write_secondary_capture  # noqa: PLC0415

    def answer(asked: bytes) -> bytes:
        question = QUESTION.validate_json(asked)
        try:
            with question.picture.open("rb") as picture, question.capture.open("wb") as capture:
                write_secondary_capture(picture, question.context, capture)
        except UnreadableInstance as error:
            return _refusal(error.problem, error.reason)
        except OSError as error:
            return _refusal(NO_ROOM, os.strerror(error.errno or 0))
        return WRITTEN

    answer_all(answer)


def _refusal(problem: str, reason: str) -> bytes:
    return json.dumps([problem, reason]).encode()


if __name__ == "__main__":
    main()
