"""What `up` and `status` show to a person."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.people import load_people
from deploy.local.errors import StartFailed
from deploy.local.installation import Installation
from deploy.local.status import Report

_STYLES = {
    "ready": "green",
    "done": "green",
    "starting": "cyan",
    "restarting": "bold yellow",
    "failed": "bold red",
    "stopped": "dim",
    "waiting": "dim",
}
_IN_ORDER = ("ready", "done")
_BAR = 24


def watch_start(
    installation: Installation, console: Console, *, pid: int, last_words: Callable[[], str | None]
) -> None:
    """Show how the start goes until all is ready.

    Parameters
    ----------
    last_words : what the supervisor said if it has ended, else None.

    Raises
    ------
    StartFailed : it failed; the text is the supervisor's sentence.
    """
    told: dict[str, str] = {}
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            words = last_words()
            report = Report.read(installation.state)
            if report is not None and report.pid == pid:
                if console.is_terminal:
                    live.update(_progress(report))
                else:
                    _tell_changes(console, report, told)
                if report.phase == "ready":
                    return
                if report.phase in ("failed", "stopped"):
                    raise StartFailed(report.sentence or "The start was stopped.")
            if words is not None:
                raise StartFailed(words)
            time.sleep(0.1)


def _progress(report: Report) -> RenderableType:
    done = sum(task["status"] in _IN_ORDER for task in report.tasks)
    head = Text.assemble(
        ("Starting ", "bold"), _bar(done, len(report.tasks)), f" {done} of {len(report.tasks)}"
    )
    busy = [task for task in report.tasks if task["status"] not in (*_IN_ORDER, "waiting")]
    return Group(head, *(_busy_line(task) for task in busy))


def _busy_line(task: dict[str, Any]) -> Text:
    line = Text("  ")
    line.append(f"{task['title']}: {task['status']} ", style=_STYLES[task["status"]])
    if task["progress"]:
        done, total = task["progress"]
        line.append_text(_bar(done, total))
        line.append(f" {done} of {total}")
    return line


def _bar(done: int, total: int) -> Text:
    full = _BAR * done // max(1, total)
    return Text.assemble(("━" * full, "green"), ("━" * (_BAR - full), "grey37"))


def _tell_changes(console: Console, report: Report, told: dict[str, str]) -> None:
    """Print a line for each change, where nothing can be drawn over."""
    for task in report.tasks:
        if told.get(task["name"]) != task["status"] and task["status"] != "waiting":
            told[task["name"]] = task["status"]
            console.print(f"{task['title']}: {task['status']}")


def status_table(report: Report) -> Table:
    """Return all processes and jobs with what they are doing."""
    table = Table(box=None, pad_edge=False)
    for heading in ("process", "status", "port", "pid", "restarts"):
        table.add_column(heading, justify="right" if heading != "process" else "left")
    for task in report.tasks:
        table.add_row(
            task["title"],
            Text(task["status"], style=_STYLES[task["status"]]),
            str(task["port"] or ""),
            str(task["pid"] or ""),
            str(task["restarts"] or ""),
        )
    return table


def welcome(installation: Installation) -> RenderableType:
    """Return where to click and who to sign in as."""
    ports, outside = installation.ports, installation.outside
    links = [
        ("Radiology portal", f"http://localhost:{ports.radiology_portal}"),
        ("Provider portal", f"http://localhost:{ports.provider_portal}"),
        ("API description", f"http://localhost:{ports.gateway}/api/radiology/openapi.json"),
        ("Scanners send to (DIMSE)", f"localhost:{ports.dimse}, AE title RADIOLOGY"),
    ]
    pages = (
        ("workflow", "Workflow service", ports.workflow),
        ("telephony", "Phones: SMS and calls", ports.telephony),
        ("mail", "Mail that was sent", ports.mail),
    )
    links += [
        (title, f"http://localhost:{port}") for part, title, port in pages if part not in outside
    ]
    people: list[RenderableType] = [] if "identity" in outside else [Text(), _people()]
    return Group(_two_columns("[bold]Where to click[/bold]", links), *people)


def _people() -> Table:
    people = load_people()
    rows = [
        (person.username, f"{person.name}, {', '.join(role.value for role in person.roles)}")
        for person in people.people
    ]
    password = people.password.get_secret_value()
    return _two_columns(f"[bold]Sign in as[/bold] (password: {password})", rows)


def _two_columns(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
