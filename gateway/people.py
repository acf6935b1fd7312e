"""The directory of people one can assign or hand over to: from a file, and from sign-ins."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import yaml

from contracts.api.people import Person, PersonFilter, PersonPage
from contracts.enumerations import Role
from gateway.filters import or_none, words
from services.database import Database
from services.errors import SettingsError
from services.sql import load_queries

_QUERIES = load_queries("gateway")


class Directory:
    """Finds people.

    Parameters
    ----------
    on_ladder : ids of whom a critical finding can be handed to; None: nobody here knows.
    """

    def __init__(self, database: Database, on_ladder: Sequence[str] | None = None) -> None:
        self._database = database
        self._on_ladder = on_ladder

    async def list(self, wanted: PersonFilter) -> PersonPage:
        """Return a page of people, by name."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                _QUERIES["list_people"],
                wanted.role,
                words(wanted.staff_name),
                or_none(wanted.id),
                self._on_ladder if wanted.can_be_told else None,
                wanted.page_size,
                wanted.skipped,
            )
        return PersonPage(
            items=tuple(_person(row) for row in rows),
            total=rows[0]["total"] if rows else 0,
            page=wanted.page,
            page_size=wanted.page_size,
        )

    async def find(self, person_id: str) -> Person | None:
        """Return a person, or None."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_QUERIES["person"], person_id)
        return _person(row) if row else None

    async def save(self, people: Iterable[Person]) -> None:
        """Add people, or bring them up to date."""
        async with self._database.transaction() as connection:
            for person in people:
                await connection.execute(
                    _QUERIES["save_person"],
                    person.id,
                    person.name,
                    person.title,
                    [role.value for role in person.roles],
                )


def read_directory(file: Path) -> list[Person]:
    """Read people from a YAML file: a list under `people`, each with id, name, title and roles.

    Raises
    ------
    SettingsError : the file cannot be read; the message names the setting.
    """
    with _naming("GATEWAY_DIRECTORY_FILE", file, "people"):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))["people"]
        return [Person.model_validate(entry) for entry in entries]


def read_ladder(file: Path) -> list[str]:
    """Read whom the ladder of critical findings knows; alert_worker checks the rest of the file.

    Raises
    ------
    SettingsError : the file cannot be read; the message names the setting.
    """
    with _naming("GATEWAY_LADDER_FILE", file, "persons"):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))["persons"]
        return [str(UUID(entry["id"])) for entry in entries.values()]


@contextmanager
def _naming(setting: str, file: Path, whom: str) -> Iterator[None]:
    """Say of a file that is not what it should be which setting names it."""
    try:
        yield
    except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"{setting}: {file} has no list of {whom} ({type(error).__name__})."
        ) from error


def _person(row: object) -> Person:
    values = dict(row)  # type: ignore[call-overload]  # asyncpg's Record is a mapping
    return Person(
        id=values["id"],
        name=values["name"],
        title=values["title"],
        roles=tuple(Role(role) for role in values["roles"]),
    )
