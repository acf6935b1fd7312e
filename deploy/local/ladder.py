"""Shows the ladder of critical findings, and who on it could not be told.

What must stay true: the file is read as alert_worker reads it, so what passes here starts there.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from alert_worker.domain.alert import OUTSIDE, Person
from alert_worker.domain.ladders import ORDERING_PROVIDER, CategoryRule, Ladders, StepRule
from alert_worker.errors import LadderInvalid
from alert_worker.ladder import load_ladders
from contracts.enumerations import Channel
from deploy.local.errors import RunnerError
from gateway.people import read_directory
from services.errors import SettingsError

_WORDS = {
    Channel.IN_APP: "app",
    Channel.SMS: "SMS",
    Channel.EMAIL: "mail",
    Channel.VOICE: "call",
}
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def check_ladder(console: Console, file: Path, directory: Path | None) -> int:
    """Print who is told when and by what; 1 when somebody cannot be told, or is somebody else.

    Parameters
    ----------
    directory : people by id, to compare the names with; None when there is no such file.

    Raises
    ------
    RunnerError : alert_worker would not start with this file; each mistake with its line.
    """
    try:
        ladders = load_ladders(file)
        known = {p.id: p.name for p in read_directory(directory)} if directory else None
    except (LadderInvalid, SettingsError) as error:
        raise RunnerError(str(error)) from error
    console.print(f"{file}", highlight=False, soft_wrap=True)
    for category, rule in ladders.categories.items():
        _print_steps(console, category, rule, ladders)
    _print_persons(console, ladders)
    mistakes = list(_mistakes(ladders, known or {}))
    notes = list(_notes(ladders, known))
    for sentence in (*mistakes, *notes):
        console.print(f"- {sentence}", highlight=False, markup=False, soft_wrap=True)
    if not mistakes:
        console.print("alert_worker takes it; a running alert keeps the ladder that it began with.")
    return 1 if mistakes else 0


def _print_steps(console: Console, category: str, rule: CategoryRule, ladders: Ladders) -> None:
    console.print(
        f"\n[bold]{category}[/bold] confirmed within {_span(rule.acknowledge_within)}, read back "
        f"within {_span(rule.read_back_within)}, next round after {_span(rule.repeat_after)}",
        highlight=False,
    )
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for number, step in enumerate(rule.steps):
        begins = f"after {_span(step.after)}" if number and step.after else "at once"
        table.add_row(begins, _who(step, ladders), _by(step))
    console.print(table)


def _print_persons(console: Console, ladders: Ladders) -> None:
    console.print("\n[bold]Persons[/bold]")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for person in ladders.persons.values():
        ways = [channel for channel in OUTSIDE if person.address(channel)]
        table.add_row(person.name, _words(ways) or "app alone")
    console.print(table)
    console.print()


def _mistakes(ladders: Ladders, known: dict[str, str]) -> Iterator[str]:
    for person in ladders.unreachable:
        yield f"{person.name} has neither phone nor mail: only the app could tell this person."
    for person in ladders.persons.values():
        other = known.get(person.id, person.name)
        if other != person.name:
            yield (
                f"{person.name} has the id of {other}, as GATEWAY_DIRECTORY_FILE has it: correct "
                "the id, or the name."
            )


def _notes(ladders: Ladders, known: dict[str, str] | None) -> Iterator[str]:
    for person in ladders.persons.values():
        if person.email and not person.phone:
            yield (
                f"{person.name} has no phone: of a RED or ORANGE finding the mail goes out, and "
                "the next person is told at once, since a mail wakes nobody."
            )
        if known is not None and person.id not in known:
            yield (
                f"{person.name} is not in GATEWAY_DIRECTORY_FILE: is this the id under which this "
                "person signs in? ./radiology person-id says it."
            )


def _who(step: StepRule, ladders: Ladders) -> str:
    if step.who == ORDERING_PROVIDER:
        return "whoever ordered the exam"
    person: Person = ladders.persons[step.who]
    return person.name


def _by(step: StepRule) -> str:
    more = [channel for channel in step.stat_channels if channel not in step.channels]
    return _words(step.channels) + (f"; STAT: {_words(more)}" if more else "")


def _words(channels: Sequence[Channel]) -> str:
    return ", ".join(_WORDS[channel] for channel in channels)


def _span(time: timedelta) -> str:
    if time >= _DAY and not time % _DAY:
        return "1 day" if time == _DAY else f"{time // _DAY} days"
    if time >= _HOUR and not time % _HOUR:
        return f"{time // _HOUR} h"
    return f"{time / _MINUTE:g} min"
