"""The commands of `./radiology`.

What must stay true: every command explains itself with an example; what goes wrong is one sentence
on standard error and a code other than 0, never a traceback.
"""

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from deploy.local import checks, log, show
from deploy.local import status as system
from deploy.local.errors import RunnerError
from deploy.local.installation import OWNERS, Installation

console = Console()
errors = Console(stderr=True)


def _example(*lines: str) -> str:
    return "\n\n".join(("[bold]Example[/bold]", *(f"  {line}" for line in lines)))


def _group(purpose: str, example: str) -> typer.Typer:
    return typer.Typer(help=purpose, epilog=_example(example), no_args_is_help=True)


app = typer.Typer(
    name="radiology",
    help="Radiology Portal on this machine: start it, look into it, test it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
read_model = _group("The gateway's read model.", "./radiology read-model rebuild")
dead = _group("Events that could not be handled.", "./radiology dead list")
reports = _group("Signed reports.", "./radiology report verify RAD-20251111-ABCD1")
audit = _group("The audit log: who did or saw what.", "./radiology audit verify")
webhook = _group("What the workflow service is told.", "./radiology webhook list")
series = _group("What viewers read of each series.", "./radiology series rewrite")
ladder = _group("Who is told of a critical finding.", "./radiology ladder check")
app.add_typer(read_model, name="read-model")
app.add_typer(dead, name="dead")
app.add_typer(reports, name="report")
app.add_typer(audit, name="audit")
app.add_typer(webhook, name="webhook")
app.add_typer(series, name="series")
app.add_typer(ladder, name="ladder")

_STOP_SECONDS = 90.0
_LOOK_AGAIN_SECONDS = 0.1


def main() -> None:
    """Run a command; a foreseen failure becomes one sentence."""
    try:
        app(prog_name="./radiology")
    except RunnerError as error:
        _end_with(str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _end_with("The disk is full: make room, or move the state with RADIOLOGY_STATE.")


def _end_with(sentence: str) -> NoReturn:
    errors.print(f"[bold red]{sentence}[/bold red]", soft_wrap=True, highlight=False)
    sys.exit(1)


@app.command(epilog=_example("./radiology up", "RADIOLOGY_PORTS=1000 ./radiology up --foreground"))
def up(
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay attached and show the log of all processes.")
    ] = False,
    demo: Annotated[bool, typer.Option(help="Load the demo department at the first start.")] = True,
    servers_only: Annotated[
        bool,
        typer.Option("--servers-only", help="Only Kafka, PostgreSQL and S3, as tests need them."),
    ] = False,
) -> None:
    """Start the whole system and return when it is ready."""
    installation = Installation.from_environment()
    if _is_ready(installation):
        console.print("It is running already.")
        console.print(show.welcome(installation))
        return
    installation.check_settings()
    options = [*([] if demo else ["--no-demo"]), *(["--servers-only"] if servers_only else [])]
    if foreground:
        supervise(foreground=True, demo=demo, servers_only=servers_only)
        return
    _start_detached(installation, options)
    if servers_only:
        console.print(f"Kafka, PostgreSQL and S3 are ready; state in {installation.state.folder}")
    else:
        console.print(show.welcome(installation))


def _is_ready(installation: Installation) -> bool:
    """Tell whether a system runs there; one that starts or stops just now is waited for.

    Raises
    ------
    RunnerError : its start failed, or it does not come to an end.
    """
    state = installation.state

    def broken_off() -> str | None:
        return None if system.is_running(state) else "The start that was going on was broken off."

    for _ in range(round(_STOP_SECONDS / _LOOK_AGAIN_SECONDS)):
        if not system.is_running(state):
            return False
        report = system.Report.of_running(state)
        if report and report.phase == "starting":
            show.watch_start(installation, console, pid=report.pid, last_words=broken_off)
        if report and report.phase in ("starting", "ready"):
            return True
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise RunnerError(
        f"The system on {state.folder} has not come to an end within {_STOP_SECONDS:.0f} s: see "
        "./radiology status and ./radiology logs"
    )


@app.command(hidden=True)
def supervise(*, foreground: bool = False, demo: bool = True, servers_only: bool = False) -> None:
    """Run all processes until SIGTERM; `up` starts this in the background."""
    # Slow to load: only the supervisor waits for it, not every command.
    from deploy.local import daemon, table  # noqa: PLC0415

    installation = Installation.from_environment()
    supervisor = daemon.Daemon(installation, log.LogView(console) if foreground else None)
    # The demo belongs to a hospital that is all ours: never into somebody's database.
    with_demo = demo and not installation.outside
    tasks = (
        table.servers(installation, supervisor.say)
        if servers_only
        else table.whole_system(installation, supervisor.say, demo=with_demo)
    )
    asyncio.run(supervisor.run(list(tasks)))


def _start_detached(installation: Installation, options: list[str]) -> None:
    words = installation.state.logs / "supervisor.log"
    with words.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "deploy.local", "supervise", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def last_words() -> str | None:
        if child.poll() is None:
            return None
        lines = words.read_text(errors="replace").strip().splitlines()
        return " ".join(lines[-3:]) or f"The supervisor ended with code {child.returncode}."

    try:
        show.watch_start(installation, console, pid=child.pid, last_words=last_words)
    except KeyboardInterrupt:
        child.send_signal(signal.SIGTERM)
        console.print("Stopping what had started ...")
        child.wait(timeout=_STOP_SECONDS)
        raise typer.Exit(130) from None


@app.command(epilog=_example("./radiology down"))
def down() -> None:
    """Stop everything; the data stays."""
    installation = Installation.from_environment()
    if not _stop(installation):
        console.print("Nothing is running.")
        return
    console.print("Stopped. The data stays; start again with ./radiology up")


def _stop(installation: Installation) -> bool:
    """Stop the supervisor; False when there is none."""
    status = system.Report.read(installation.state)
    if status is None or not system.is_running(installation.state):
        return False
    with console.status("Stopping all processes ..."):
        os.kill(status.pid, signal.SIGTERM)
        if not system.wait_until_stopped(installation.state, seconds=_STOP_SECONDS):
            raise RunnerError(
                f"The supervisor (process {status.pid}) did not stop within {_STOP_SECONDS:.0f} s: "
                f"see ./radiology logs, and as the last means end it with kill -9 {status.pid}; "
                "its processes end with it."
            )
    return True


@app.command(epilog=_example("./radiology status"))
def status() -> None:
    """Show what runs; the exit code is 0 only when all is in order."""
    installation = Installation.from_environment()
    found = system.Report.read(installation.state)
    if found is None or not system.is_running(installation.state):
        console.print("Nothing is running. Start it with ./radiology up")
        raise typer.Exit(3)
    console.print(show.status_table(found))
    in_order = all(task["status"] in ("ready", "done") for task in found.tasks)
    raise typer.Exit(0 if in_order else 1)


@app.command(epilog=_example("./radiology logs --follow gateway order_consumer"))
def logs(
    processes: Annotated[
        list[str] | None, typer.Argument(help="Only these processes; without: all.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines back.")] = 200,
    raw: Annotated[bool, typer.Option("--raw", help="Lines as they were written.")] = False,
) -> None:
    """Show the log of all processes, with a colour for each."""
    installation = Installation.from_environment()
    path = system.log_path(installation.state)
    if not path.exists():
        raise RunnerError("There is no log yet: start the system with ./radiology up")
    names = _writers(installation, processes or [])
    out = sys.stdout.write if raw else log.LogView(console).show_stored
    for line in log.last_lines(path, lines, names=names):
        out(line)
    if follow:
        try:
            for line in filter(lambda each: log.is_of(each, names), log.follow(path)):
                out(line)
        except KeyboardInterrupt:
            raise typer.Exit(0) from None


def _writers(installation: Installation, wanted: list[str]) -> frozenset[str]:
    """Return the names to show; one under which nothing is written is a mistake, not silence."""
    report = system.Report.read(installation.state)
    known = ["runner", *(task["name"] for task in report.tasks)] if report else wanted
    for name in wanted:
        if name not in known:
            raise RunnerError(f"Nothing is called {name}: take one of {', '.join(known)}.")
    return frozenset(wanted)


@app.command(epilog=_example("./radiology test unit", "./radiology test"))
def test(
    suite: Annotated[str, typer.Argument(help=f"One of: {', '.join(checks.SUITES)}.")] = "all",  # noqa: PT028
) -> None:
    """Run what CI runs, with a summary; `unit` needs seconds and no servers."""
    if suite not in checks.SUITES:
        raise RunnerError(f"There is no suite {suite}: take one of {', '.join(checks.SUITES)}.")
    raise typer.Exit(checks.run_checks(checks.SUITES[suite], console))


@app.command(epilog=_example("./radiology demo"))
def demo() -> None:
    """Play one case from the order to the acknowledged alert, and print its timeline."""
    with _talking_to_running("demo"):
        from deploy.demo.case import play  # noqa: PLC0415 - slow to load

        play()


@app.command(epilog=_example("./radiology reset --yes"))
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete all data of this installation."""
    installation = Installation.from_environment()
    folder = installation.state.folder
    if not yes:
        typer.confirm(f"Delete all data in {folder}?", abort=True)
    _stop(installation)
    shutil.rmtree(folder)
    console.print(f"{folder} is deleted. Start afresh with ./radiology up")


@app.command(epilog=_example("./radiology topics"))
def topics() -> None:
    """Create missing topics, and report those that differ from their declaration."""
    from deploy.local.steps import make_topics  # noqa: PLC0415 - slow to load

    installation = Installation.from_environment()
    differing: list[str] = []
    asyncio.run(make_topics(installation, differing.append)(lambda _done, _total: None))
    for sentence in differing:
        console.print(sentence)
    console.print("All other topics are as declared." if differing else "Topics are as declared.")
    raise typer.Exit(1 if differing else 0)


@app.command(epilog=_example("RADIOLOGY_DATABASE_URL=postgresql://... ./radiology prepare"))
def prepare() -> None:
    """Create topics, roles, schemas and buckets in the servers that the environment names.

    For an installation that is not started by `up`: once before the first start, and after each
    upgrade. Changes nothing that is there.
    """
    from deploy.local import steps  # noqa: PLC0415 - slow to load

    installation = Installation.from_environment()
    installation.check_settings()
    for title, work in (
        ("Topics", steps.make_topics(installation, console.print)),
        ("Database, roles and schemas", steps.make_database(installation)),
        ("Buckets", steps.make_buckets(installation)),
    ):
        asyncio.run(work(lambda _done, _total: None))
        console.print(f"{title}: done")


@app.command("person-id", epilog=_example("./radiology person-id 00u1abcd"))
def person_id_of(
    value: Annotated[str, typer.Argument(help="What OIDC_PERSON_ID_CLAIM says of somebody.")],
) -> None:
    """Say under which id somebody signs in, as the ladder and the directory name people."""
    from gateway.identity import person_id  # noqa: PLC0415 - slow to load

    issuer = Installation.from_environment().environment_of("gateway")["OIDC_ISSUER"]
    console.print(person_id(issuer, value), highlight=False)


@ladder.command(
    "check",
    epilog=_example("./radiology ladder check", "./radiology ladder check /etc/radiology/new.yaml"),
)
def ladder_check(
    file: Annotated[Path | None, typer.Argument(help="Without: ALERT_WORKER_LADDER_FILE.")] = None,
) -> None:
    """Show who is told of a critical finding, when and by what; tell who could not be.

    The code is 0 only when alert_worker would start with it, everybody can be reached, and ids and
    names fit those of GATEWAY_DIRECTORY_FILE.
    """
    from deploy.local.ladder import check_ladder  # noqa: PLC0415 - slow to load

    installation = Installation.from_environment()
    chosen = file or Path(installation.environment_of("alert_worker")["ALERT_WORKER_LADDER_FILE"])
    directory = installation.environment_of("gateway").get("GATEWAY_DIRECTORY_FILE")
    raise typer.Exit(check_ladder(console, chosen, Path(directory) if directory else None))


@read_model.command("rebuild", epilog=_example("./radiology read-model rebuild"))
def rebuild_read_model() -> None:
    """Empty the read model and read the topics again."""
    with _talking_to_running("gateway") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.rebuild_read_model(installation.role_url("gateway")))


@app.command(epilog=_example("./radiology replay --since 2026-11-20T00:00:00"))
def replay(
    since: Annotated[datetime, typer.Option(help="Moment in UTC, as 2026-11-20T00:00:00.")],
) -> None:
    """Publish again what was published since a moment, after Kafka lost its data.

    Readers know each event by its id, and each snapshot by its version: what they have changes
    nothing.
    """
    with _talking_to_running("gateway") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        urls = {owner: installation.role_url(owner) for owner in OWNERS}
        _run(operations.replay_outboxes(urls, since.replace(tzinfo=UTC)))


Place = Annotated[str, typer.Argument(help="topic/partition/offset, as the list shows it")]


@dead.command("list", epilog=_example("./radiology dead list --topic order.created"))
def dead_list(
    topic: Annotated[str, typer.Option(help="Only of this topic, as order.created.")] = "",
) -> None:
    """List the events that could not be handled, newest first."""
    with _talking_to_running("gateway"):
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.list_dead_letters(topic))


@dead.command("show", epilog=_example("./radiology dead show order.created.dead/0/17"))
def dead_show(
    place: Place,
    value: Annotated[bool, typer.Option("--value", help="Show its content as well.")] = False,
) -> None:
    """Show one such event with the reason."""
    with _talking_to_running("gateway"):
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.show_dead_letter(place, with_value=value))


@dead.command("replay", epilog=_example("./radiology dead replay order.created.dead/0/17"))
def dead_replay(place: Place) -> None:
    """Publish one such event again, byte for byte, after its cause is removed."""
    with _talking_to_running("gateway"):
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.replay_dead_letter(place))


@reports.command("verify", epilog=_example("./radiology report verify RAD-20251111-ABCD1"))
def report_verify(
    report: Annotated[str, typer.Argument(help="Report number, or the PDF of a report.")],
) -> None:
    """Check the signature of every signed version of a report."""
    with _talking_to_running("report_consumer"):
        from report_consumer.verify import verify  # noqa: PLC0415 - slow to load

        raise typer.Exit(asyncio.run(verify(report)))


@audit.command("verify", epilog=_example("./radiology audit verify"))
def audit_verify() -> None:
    """Check that no row of the audit log was changed or taken out; otherwise the code is 1."""
    with _talking_to_running("gateway") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.verify_audit(installation.role_url("gateway")))


@webhook.command("list", epilog=_example("./radiology webhook list"))
def webhook_list() -> None:
    """List reports of which the workflow service was not told in time; then the code is 1."""
    with _talking_to_running("report_consumer") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.list_abandoned_webhooks(installation.role_url("report_consumer")))


@webhook.command(
    "resend",
    epilog=_example("./radiology webhook resend", "./radiology webhook resend RAD-20251111-ABCD1"),
)
def webhook_resend(
    report: Annotated[
        str | None, typer.Argument(help="Only of this report number; without: of all.")
    ] = None,
) -> None:
    """Tell the workflow service again what was given up, after it is mended."""
    with _talking_to_running("report_consumer") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load
        from report_consumer.settings import ReportConsumerSettings  # noqa: PLC0415
        from services.settings import read_settings  # noqa: PLC0415

        patience = read_settings(ReportConsumerSettings).workflow_webhook_patience
        url = installation.role_url("report_consumer")
        _run(operations.resend_webhooks(url, report, patience))


@series.command("rewrite", epilog=_example("./radiology series rewrite"))
def series_rewrite() -> None:
    """Write metadata, frame index and thumbnail of every series into the object store again.

    Needed when these objects were lost. ingest_worker does it from its index, while everything
    goes on; fresh images come first. Leaving the command does not stop the work.
    """
    with _talking_to_running("ingest_worker") as installation:
        from deploy.local import operations  # noqa: PLC0415 - slow to load

        _run(operations.rewrite_series(installation.role_url("ingest_worker")))


@contextmanager
def _talking_to_running(name: str) -> Iterator[Installation]:
    """Take on the settings of a process of the running system."""
    installation = Installation.from_environment()
    if not system.is_running(installation.state):
        raise RunnerError("Nothing is running: start the system with ./radiology up")
    os.environ.update(installation.environment_of(name))
    yield installation


def _run(operation: "Callable[[Console], Coroutine[Any, Any, int]]") -> NoReturn:
    """Do what a command stands for; its number becomes the exit code."""
    raise typer.Exit(asyncio.run(operation(console)))
