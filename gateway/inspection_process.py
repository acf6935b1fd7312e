"""The process that looks into objects: `python -m gateway.inspection_process`.

It is asked by the name of a file what the header in it says of the image, or for a small picture in
another file, and answers that or why it cannot.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from contracts.api.studies import ImageFacts
from contracts.events.images_ingested import InstanceHeader
from services.side_process_loop import answer_all

_TOLD = set(ImageFacts.model_fields) & set(InstanceHeader.model_fields)


@dataclass(frozen=True)
class Question:
    """One object, as a file."""

    instance: Path
    thumbnail: Path | None = None
    """Where its picture shall go; None: what the header says is asked."""


@dataclass(frozen=True)
class Answer:
    """What was found; `problem` and `reason` as `UnreadableInstance` has them, empty when read."""

    header: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    reason: str = ""


QUESTION = TypeAdapter(Question)
ANSWER = TypeAdapter(Answer)


def main() -> None:
    """Answer until nothing is asked any more."""
    # For this process only; the gateway imports the shape of questions and answers.
    from services.dicom.errors import UnreadableInstance  # noqa: PLC0415
    from services.dicom.header import parse_header  # noqa: PLC0415
    from services.dicom.thumbnail import thumbnail_of  # noqa: PLC0415

    def found(question: Question) -> Answer:
        if question.thumbnail:
            question.thumbnail.write_bytes(thumbnail_of(question.instance))
            return Answer()
        return Answer(parse_header(question.instance).model_dump(mode="json", include=_TOLD))

    def answer(asked: bytes) -> bytes:
        try:
            made = found(QUESTION.validate_json(asked))
        except UnreadableInstance as error:
            made = Answer(problem=error.problem, reason=error.reason)
        return ANSWER.dump_json(made)

    answer_all(answer)


if __name__ == "__main__":
    main()
