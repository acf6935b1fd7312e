"""Lists come in pages; a filter that is not known is refused, never ignored."""

from collections.abc import Iterable
from typing import Generic, Self, TypeVar

from pydantic import ConfigDict, Field

from contracts.base import Contract

Item = TypeVar("Item", bound=Contract)

MAX_PAGE_SIZE = 500


class Page(Contract, Generic[Item]):
    """One page of a list."""

    items: tuple[Item, ...]
    total: int = Field(ge=0, description="Of all pages")
    page: int = Field(ge=1)
    page_size: int = Field(ge=1)

    @classmethod
    def of(cls, items: Iterable[Item], total: int, wanted: "Filter") -> Self:
        """Return the page that was wanted."""
        return cls(items=tuple(items), total=total, page=wanted.page, page_size=wanted.page_size)


class Filter(Contract):
    """What every list can be asked for."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1, le=10_000)
    page_size: int = Field(default=50, ge=1, le=MAX_PAGE_SIZE)

    @property
    def skipped(self) -> int:
        """How many items lie on earlier pages."""
        return (self.page - 1) * self.page_size
