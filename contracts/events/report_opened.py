"""`report.opened`: up to which version a person has opened a report (snapshot)."""

from uuid import UUID

from pydantic import Field

from contracts.base import Contract, UtcDatetime


class ReportOpened(Contract):
    """One person, one report; a later version of the text is unread again."""

    report_id: UUID
    person_id: str = Field(max_length=255)
    version: int = Field(ge=1, description="Version of the report as it was shown")
    opened_at: UtcDatetime
