"""Reads the demo people; a mistake in the file stops the start and names the place."""

from pathlib import Path
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.alias_generators import to_camel

from contracts.enumerations import Role

PEOPLE_FILE = Path(__file__).with_name("people.yaml")


class Person(BaseModel):
    """Somebody who works in the demo hospital."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    id: UUID
    username: str
    name: str
    title: str
    roles: tuple[Role, ...] = Field(min_length=1)
    phone: str = Field(pattern=r"^\+[1-9]\d{7,14}$", description="E.164")
    email: str
    signing_pin: SecretStr | None = Field(
        default=None, description="Only who signs reports has one"
    )
    on_call: bool = False


class People(BaseModel):
    """Everybody, and the one password of the demo."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    password: SecretStr
    people: tuple[Person, ...]

    @model_validator(mode="after")
    def _nobody_twice(self) -> "People":
        for field in ("id", "username", "phone", "email"):
            values = [getattr(person, field) for person in self.people]
            if len(set(values)) != len(values):
                raise ValueError(f"two people share the same {field}")
        return self

    def with_username(self, username: str) -> Person | None:
        """Return the person of that user name."""
        return next((person for person in self.people if person.username == username), None)

    def with_id(self, person_id: UUID) -> Person | None:
        """Return the person of that id."""
        return next((person for person in self.people if person.id == person_id), None)

    def with_phone(self, phone: str) -> Person | None:
        """Return the person who is reached at that number."""
        return next((person for person in self.people if person.phone == phone), None)


def load_people(path: Path = PEOPLE_FILE) -> People:
    """Read the file of people."""
    return People.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
