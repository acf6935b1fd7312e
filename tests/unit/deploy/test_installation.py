"""Settings of an installation: what a process gets to know, and what it must not."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.errors import RunnerError
from deploy.local.installation import Installation
from deploy.local.known_settings import settings_classes
from deploy.local.ports import LARGEST_OFFSET, Ports
from deploy.local.postgres import SCHEMAS, embedded_admin_url
from deploy.local.settings import outside_parts
from deploy.local.state import State
from deploy.local.table import OURS


def installation(tmp_path: Path, given: Mapping[str, str] | None = None) -> Installation:
    given = dict(given or {})
    state, ports = State.open(tmp_path), Ports.shifted(1000)
    url = embedded_admin_url(state, ports)
    return Installation(state, ports, outside_parts(given), url, given)


@pytest.mark.parametrize("package", sorted(SCHEMAS))
def test_a_process_gets_the_database_url_of_its_own_role_only(tmp_path: Path, package: str) -> None:
    given = {f"{other.upper()}_DATABASE_URL": "postgresql://x:y@h/z" for other in SCHEMAS}
    given["RADIOLOGY_DATABASE_URL"] = "postgresql://admin:secret@h/postgres"
    mine = given.pop(f"{package.upper()}_DATABASE_URL").replace("x:y", f"{package}:y")
    given[f"{package.upper()}_DATABASE_URL"] = mine

    environment = installation(tmp_path, given).environment_of(package)

    urls = {name: value for name, value in environment.items() if "DATABASE_URL" in name}
    assert urls == {f"{package.upper()}_DATABASE_URL": mine}


@pytest.mark.parametrize(
    ("secret", "readers"),
    [
        ("TWILIO_AUTH_TOKEN", {"alert_worker", "gateway"}),
        ("SMTP_PASSWORD", {"alert_worker"}),
        ("OIDC_CLIENT_SECRET", {"gateway"}),
        ("GATEWAY_SESSION_SECRET", {"gateway", "gateway_dimse"}),
        ("REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET", {"report_consumer"}),
        ("IDENTITY_STANDIN_CLIENT_SECRET", {"identity"}),
    ],
)
def test_a_secret_that_was_given_reaches_its_readers_only(
    tmp_path: Path, secret: str, readers: set[str]
) -> None:
    made = installation(tmp_path, {secret: "given"})
    environments = {each.name: made.environment_of(each.name) for each in OURS}
    environments["demo"] = made.environment_of("demo")

    assert {name for name, own in environments.items() if own.get(secret) == "given"} == readers


def test_every_settings_prefix_is_somebodys(tmp_path: Path) -> None:
    """A prefix that the table does not know would reach everybody."""
    shared = {"KAFKA_", "MINIO_", "HOSPITAL_", "RADIOLOGY_"}
    prefixes = {each.model_config.get("env_prefix") for each in settings_classes()} - shared
    made = installation(tmp_path, {f"{prefix}X": "given" for prefix in prefixes})

    spread = {prefix for prefix in prefixes if f"{prefix}X" in made.environment_of("demo")}

    assert spread == set()


def test_what_every_process_needs_reaches_it(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "TZ": "UTC", "HTTPS_PROXY": "http://p", "HOSPITAL_NAME": "St. Ann"}

    environment = installation(tmp_path, given).environment_of("order_consumer")

    assert environment.items() >= given.items()


def test_both_ends_of_each_secret_agree(tmp_path: Path) -> None:
    made = installation(tmp_path)
    gateway, reports = made.environment_of("gateway"), made.environment_of("report_consumer")
    alerts, identity = made.environment_of("alert_worker"), made.environment_of("identity")
    telephony, workflow = made.environment_of("telephony"), made.environment_of("workflow")

    assert gateway["OIDC_CLIENT_SECRET"] == identity["IDENTITY_STANDIN_CLIENT_SECRET"]
    assert gateway["OIDC_ISSUER"] == identity["IDENTITY_STANDIN_ISSUER"]
    assert gateway["GATEWAY_WORKFLOW_CREDENTIAL"] == workflow["WORKFLOW_STANDIN_CREDENTIAL"]
    assert (
        reports["REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET"]
        == workflow["WORKFLOW_STANDIN_WEBHOOK_SECRET"]
    )
    assert (
        alerts["TWILIO_AUTH_TOKEN"]
        == gateway["TWILIO_AUTH_TOKEN"]
        == telephony["TELEPHONY_STANDIN_AUTH_TOKEN"]
    )


def test_secrets_survive_a_restart_and_differ_between_installations(tmp_path: Path) -> None:
    first = installation(tmp_path / "a").environment_of("gateway")
    again = installation(tmp_path / "a").environment_of("gateway")
    other = installation(tmp_path / "b").environment_of("gateway")

    assert first == again
    assert first["GATEWAY_SESSION_SECRET"] != other["GATEWAY_SESSION_SECRET"]
    assert (tmp_path / "a" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_ports_are_shifted_everywhere(tmp_path: Path) -> None:
    made = installation(tmp_path)
    names = ["gateway", "order_consumer", "alert_worker", "identity", "telephony", "workflow"]

    values = " ".join(" ".join(made.environment_of(name).values()) for name in names)

    for port in (3015, 5178, 5174, 9092, 5433, 9000, 3016, 3017, 2525, 3021, 3024):
        assert f":{port}" not in values
    assert ":4015" in values


def test_what_the_environment_says_wins_over_our_defaults(tmp_path: Path) -> None:
    given = {"GATEWAY_AE_TITLE": "ARCHIVE", "GATEWAY_SESSION_SECRET": "given-by-the-hospital"}

    environment = installation(tmp_path, given).environment_of("gateway")

    assert environment["GATEWAY_AE_TITLE"] == "ARCHIVE"
    assert environment["GATEWAY_SESSION_SECRET"] == "given-by-the-hospital"


def test_an_outside_s3_is_used_as_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "MINIO_ENDPOINT": "s3.hospital.example",
        "MINIO_ACCESS_KEY": "key",
        "MINIO_SECRET_KEY": "secret",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    settings = installation(tmp_path, given).shared_settings()

    assert settings["MINIO_ENDPOINT"] == "s3.hospital.example"
    assert "MINIO_PORT" not in settings


def test_a_role_takes_the_password_of_its_given_url(tmp_path: Path) -> None:
    """`prepare` makes the roles that the workers will sign in as."""
    given = {"GATEWAY_DATABASE_URL": "postgresql://gateway:p%40ss@db/radiology"}

    made = installation(tmp_path, given)

    assert made.role_passwords()["gateway"] == "p@ss"
    assert urlsplit(made.role_url("order_consumer")).password not in (None, "", "p@ss")


@pytest.mark.parametrize("empty", ["", None])
def test_a_part_is_from_outside_only_when_it_is_named(empty: str | None) -> None:
    given = {} if empty is None else {"KAFKA_BOOTSTRAP_SERVERS": empty}

    assert outside_parts(given) == frozenset()


def test_half_an_outside_part_names_what_is_missing() -> None:
    given = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM_NUMBER": "+1"}

    with pytest.raises(RunnerError, match="Setting TWILIO_CALLBACK_URL is missing"):
        outside_parts(given)


def test_every_port_stays_a_port_at_the_largest_shift() -> None:
    ports = Ports.shifted(LARGEST_OFFSET).all()

    assert max(ports) <= 65_535
    assert len(set(ports)) == len(ports)


def test_a_folder_without_rights_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")

    with pytest.raises(RunnerError, match=r"cannot be written .* RADIOLOGY_STATE"):
        State.open(blocked / "state")


@pytest.mark.parametrize("name", ["thesis.txt", ".bashrc"])
def test_a_folder_of_somebody_elses_is_no_state_folder(tmp_path: Path, name: str) -> None:
    """`reset` deletes the whole of it."""
    (tmp_path / name).touch()

    with pytest.raises(RunnerError, match="holds other things"):
        State.open(tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_folder_that_was_opened_once_stays_ours(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.secret("x")

    assert State.open(tmp_path) == state


def test_a_folder_whose_making_was_broken_off_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()

    assert State.open(tmp_path).logs.is_dir()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"GATEWAY_OUTCOME_WAIT_SECONDS": "-3"}, "Setting GATEWAY_OUTCOME_WAIT_SECONDS: "),
        ({"ALERT_WORKER_HEALTH_PORT": "high"}, "Setting ALERT_WORKER_HEALTH_PORT: "),
        ({"KAFKA_SECURITY_PROTOCOL": "FOO"}, "Setting KAFKA_SECURITY_PROTOCOL: "),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "Setting KAFKA_SASL_USERNAME is required"),
        ({"HOSPITAL_TIME_ZONE": "Mars/Base"}, "Setting HOSPITAL_TIME_ZONE: "),
        ({"GATEWAY_OUTCOME_WIAT_SECONDS": "3"}, "GATEWAY_OUTCOME_WAIT_SECONDS is"),
    ],
)
def test_a_wrong_setting_of_any_process_is_named_before_the_first_is_started(
    tmp_path: Path, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises((RunnerError, SystemExit), match=sentence):
        installation(tmp_path, given).check_settings()


def test_right_settings_are_taken_and_the_environment_is_left_as_it_was(tmp_path: Path) -> None:
    given = {"GATEWAY_AE_TITLE": "ARCHIVE", "SMTP_HOST": "mail", "SMTP_SENDER": "a@b.example"}
    before = dict(os.environ)

    installation(tmp_path, given).check_settings()

    assert dict(os.environ) == before
