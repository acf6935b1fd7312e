"""The process that decodes pictures: `python -m gateway.picture_process`.

It is asked a picture with what it is to be told to be, and answers a DICOM file, or why there is
none.
"""

import json

from pydantic import TypeAdapter

from services.dicom.capture_context import CaptureContext
from services.side_process_loop import LENGTH, answer_all

CAPTURED, REFUSED = b"C", b"R"
"""How an answer begins; behind it the file, or problem and reason as JSON."""

_CONTEXT = TypeAdapter(CaptureContext)


def head_of(context: CaptureContext) -> bytes:
    """Return what a question begins with; the picture follows."""
    head = _CONTEXT.dump_json(context)
    return LENGTH.pack(len(head)) + head


def main() -> None:
    """Answer until nothing is asked any more."""
    # For this process only; the gateway imports the shape of questions and answers.
    from services.dicom.errors import UnreadableInstance  # noqa: PLC0415
    from services.dicom.secondary_capture import secondary_capture  # noqa: PLC0415

    def answer(question: bytes) -> bytes:
        picture = LENGTH.size + LENGTH.unpack_from(question)[0]
        context = _CONTEXT.validate_json(question[LENGTH.size : picture])
        try:
            return CAPTURED + secondary_capture(question[picture:], context).content
        except UnreadableInstance as error:
            return REFUSED + json.dumps([error.problem, error.reason]).encode()

    answer_all(answer)


if __name__ == "__main__":
    main()
