"""The one way in which DICOM bytes can fail us, told by a stable word and a sentence."""

from typing import ClassVar

from services.errors import PermanentError


class UnreadableInstance(PermanentError):
    """The bytes are not an instance that we can keep or show; sending them again will not help.

    Attributes
    ----------
    problem : stable word for programs: "truncated", "not_dicom", "nested_too_deep", ...
    reason : sentence for people; never holds a value from the file, which may be patient data.
    """

    code: ClassVar[str] = "unreadable_instance"

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(f"{problem}: {reason}")
        self.problem = problem
        self.reason = reason
