"""One installation: its state, its ports, its outside parts, and the settings of each process.

What must stay true: a process gets the URL of its own role only, and no setting of a package or
part that it does not read; Kafka, S3 and the house are everybody's.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from contracts.links import INBOUND_SMS_PATH
from deploy.local.known_settings import check_given
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import SCHEMAS, embedded_admin_url, role_passwords, role_url
from deploy.local.s3 import embedded_s3_environment
from deploy.local.settings import RunnerSettings, outside_parts
from deploy.local.state import ROOT, State, cache_folder, write_private
from services.settings import read_settings

OWNERS = ("order_consumer", "ingest_worker", "report_consumer", "alert_worker")
"""Packages with an outbox of their own."""

WORKERS = (
    "order_consumer",
    "ingest_worker",
    "report_consumer",
    "alert_worker",
    "alert_watchdog",
)
_READS = {
    "order_consumer": ("ORDER_CONSUMER_",),
    "ingest_worker": ("INGEST_WORKER_",),
    "report_consumer": ("REPORT_CONSUMER_",),
    "alert_worker": ("ALERT_WORKER_", "TWILIO_", "SMTP_"),
    "alert_watchdog": ("ALERT_WATCHDOG_",),
    "gateway": ("GATEWAY_", "OIDC_", "TWILIO_"),
    "gateway_dimse": ("GATEWAY_",),
    "identity": ("IDENTITY_STANDIN_",),
    "telephony": ("TELEPHONY_STANDIN_",),
    "mail": ("MAIL_STANDIN_",),
    "workflow": ("WORKFLOW_STANDIN_",),
}
"""Settings by prefix that a process reads beside those that all share."""
_PREFIXES = tuple({prefix for prefixes in _READS.values() for prefix in prefixes})
_CLIENT_ID = "radiology-portal"
_ACCOUNT_SID = "AC00000000000000000000000000000001"
_OWN_NUMBER = "+12025550199"


@dataclass(frozen=True)
class Installation:
    """What the runner needs to know to start, or to talk to, a system.

    Parameters
    ----------
    database_url : the administrator's.
    given : the environment; what it says wins over every default of ours.
    """

    state: State
    ports: Ports
    outside: frozenset[str]
    database_url: str
    given: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> "Installation":
        """Read the settings; `RunnerError` or `SystemExit` names a wrong one."""
        settings = read_settings(RunnerSettings)
        outside = outside_parts(os.environ)
        state = State.open(settings.state)
        ports = Ports.shifted(_offset(state, settings.ports))
        url = settings.database_url
        return cls(
            state=state,
            ports=ports,
            outside=outside,
            database_url=url.get_secret_value() if url else embedded_admin_url(state, ports),
            given=dict(os.environ),
        )

    def check_settings(self) -> None:
        """Stop on a wrong setting of any process; the message names it (`check_given`)."""
        whole: dict[str, str] = {}
        for name in {*SCHEMAS, *WORKERS, *_SETTINGS}:
            whole |= self.environment_of(name)
        check_given(self.given, whole)

    @property
    def gateway_url(self) -> str:
        """Where the gateway is reached on this machine."""
        return f"http://{HOST}:{self.ports.gateway}"

    def shared_settings(self) -> dict[str, str]:
        """Return the settings of Kafka and S3; what the environment says wins."""
        ours = {"KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{self.ports.kafka}"}
        if "s3" not in self.outside:
            ours |= embedded_s3_environment(self.state, self.ports)
        return ours | {
            name: value
            for name, value in self.given.items()
            if value and name.startswith(("KAFKA_", "MINIO_"))
        }

    def environment_of(self, name: str) -> dict[str, str]:
        """Return the whole environment of one process of ours; what was given wins."""
        own = self.shared_settings() | {"PYTHONUNBUFFERED": "1", **_LEAN_HEAP}
        own |= _SETTINGS.get(name, lambda _installation: {})(self)
        if name in SCHEMAS:
            own[_url_variable(name)] = self.role_url(name)
        if name in WORKERS:
            own[f"{name.upper()}_HEALTH_PORT"] = str(getattr(self.ports, name))
            # A worker that comes back at once gets its partitions back at once.
            own[f"{name.upper()}_INSTANCE"] = "1"
        foreign = {_url_variable(package) for package in SCHEMAS} - {_url_variable(name)}
        hidden = foreign | {"RADIOLOGY_DATABASE_URL"}
        return own | {
            key: value
            for key, value in self.given.items()
            if value and key not in hidden and _is_for(name, key)
        }

    def role_passwords(self) -> dict[str, str]:
        """Return the password of each package's role: as its URL in the environment has it, else a
        generated one."""
        given = {
            package: unquote(urlsplit(self.given.get(_url_variable(package), "")).password or "")
            for package in SCHEMAS
        }
        return {
            package: given[package] or generated
            for package, generated in role_passwords(self.state).items()
        }

    def role_url(self, package: str) -> str:
        """Return the URL by which a package connects."""
        return role_url(self.database_url, package, self.role_passwords()[package])


def _is_for(name: str, variable: str) -> bool:
    """Tell whether a process may be given a variable: what is no setting of ours, everybody."""
    return variable.startswith(_READS.get(name, ())) or not variable.startswith(_PREFIXES)


def _url_variable(package: str) -> str:
    return f"{package.upper()}_DATABASE_URL"


def _offset(state: State, given: int | None) -> int:
    """Return the shift of ports: as given now, else as at the last start of this installation."""
    file = state.folder / "installation.json"
    known = int(json.loads(file.read_text())["ports"]) if file.exists() else None
    if given is None:
        return known or 0
    if given != known:
        write_private(file, json.dumps({"ports": given}))
    return given


def _secret(installation: Installation, name: str) -> str:
    return installation.state.secret(name)


def _telephony_client(i: Installation) -> dict[str, str]:
    if "telephony" in i.outside:
        return {}
    return {
        "TWILIO_ACCOUNT_SID": _ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": _secret(i, "telephony-token"),
        "TWILIO_FROM_NUMBER": _OWN_NUMBER,
        "TWILIO_API_URL": f"http://{HOST}:{i.ports.telephony}",
        "TWILIO_CALLBACK_URL": i.gateway_url,
    }


def _mail_client(i: Installation) -> dict[str, str]:
    if "mail" in i.outside:
        return {}
    return {
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(i.ports.smtp),
        "SMTP_STARTTLS": "false",
        "SMTP_SENDER": "radiology@hospital.example",
    }


def _report_consumer(i: Installation) -> dict[str, str]:
    own = {
        # Made by the worker at its first start.
        "REPORT_CONSUMER_SIGNING_KEY_FILE": str(i.state.folder / "report-signing-key.pem"),
    }
    if "workflow" not in i.outside:
        own |= {
            "REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL": (
                f"http://{HOST}:{i.ports.workflow}/api/workflow/callbacks/radiology"
            ),
            "REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET": _secret(i, "workflow-webhook"),
        }
    return own


def _alert_worker(i: Installation) -> dict[str, str]:
    return {
        "ALERT_WORKER_LADDER_FILE": _ladder_file(i),
        "ALERT_WORKER_PUBLIC_URL": f"http://localhost:{i.ports.gateway}",
        **_telephony_client(i),
        **_mail_client(i),
    }


def _ladder_file(i: Installation) -> str:
    given = i.given.get("ALERT_WORKER_LADDER_FILE")
    return given or str(ROOT / "deploy" / "demo" / "on_call.yaml")


def _gateway(i: Installation) -> dict[str, str]:
    own = {
        "GATEWAY_PORT": str(i.ports.gateway),
        "GATEWAY_RADIOLOGY_PORTAL_PORT": str(i.ports.radiology_portal),
        "GATEWAY_PROVIDER_PORTAL_PORT": str(i.ports.provider_portal),
        "GATEWAY_BIND_HOST": HOST,
        "GATEWAY_PUBLIC_URL": f"http://localhost:{i.ports.gateway}",
        "GATEWAY_PORTALS_DIR": str(ROOT / "portals" / "dist"),
        "GATEWAY_LADDER_FILE": _ladder_file(i),
        "GATEWAY_SPOOL_DIR": _spool(i),
        "GATEWAY_SESSION_SECRET": _secret(i, "gateway-session"),
        "GATEWAY_WORKFLOW_CREDENTIAL": _secret(i, "workflow-credential"),
        "GATEWAY_UPLOADER_CREDENTIAL": _secret(i, "uploader-credential"),
        "GATEWAY_WORKER_URLS": ",".join(
            f"{name}=http://{HOST}:{getattr(i.ports, name)}" for name in (*WORKERS, "gateway_dimse")
        ),
    }
    if "identity" not in i.outside:
        own |= {
            "OIDC_ISSUER": _issuer(i),
            "OIDC_CLIENT_ID": _CLIENT_ID,
            "OIDC_CLIENT_SECRET": _secret(i, "oidc-client"),
            "GATEWAY_DIRECTORY_FILE": str(ROOT / "deploy" / "demo" / "people.yaml"),
        }
    return own | _telephony_client(i)


def _gateway_dimse(i: Installation) -> dict[str, str]:
    return {
        "GATEWAY_BIND_HOST": HOST,
        "GATEWAY_DIMSE_PORT": str(i.ports.dimse),
        "GATEWAY_DIMSE_HEALTH_PORT": str(i.ports.gateway_dimse),
        "GATEWAY_SPOOL_DIR": _spool(i),
    }


def _spool(i: Installation) -> str:
    return str(i.state.folder / "spool")


def _issuer(i: Installation) -> str:
    return f"http://localhost:{i.ports.identity}"


def _identity(i: Installation) -> dict[str, str]:
    portals = (i.ports.gateway, i.ports.radiology_portal, i.ports.provider_portal)
    origins = [f"http://{host}:{port}" for host in ("localhost", HOST) for port in portals]
    return {
        "IDENTITY_STANDIN_PORT": str(i.ports.identity),
        "IDENTITY_STANDIN_ISSUER": _issuer(i),
        "IDENTITY_STANDIN_CLIENT_ID": _CLIENT_ID,
        "IDENTITY_STANDIN_CLIENT_SECRET": _secret(i, "oidc-client"),
        "IDENTITY_STANDIN_CLIENT_ORIGINS": ",".join(origins),
        "IDENTITY_STANDIN_STATE_DIR": str(i.state.folder / "identity"),
    }


def _telephony(i: Installation) -> dict[str, str]:
    return {
        "TELEPHONY_STANDIN_PORT": str(i.ports.telephony),
        "TELEPHONY_STANDIN_ACCOUNT_SID": _ACCOUNT_SID,
        "TELEPHONY_STANDIN_AUTH_TOKEN": _secret(i, "telephony-token"),
        "TELEPHONY_STANDIN_OWN_NUMBER": _OWN_NUMBER,
        "TELEPHONY_STANDIN_MESSAGING_URL": i.gateway_url + INBOUND_SMS_PATH,
    }


def _mail(i: Installation) -> dict[str, str]:
    return {
        "MAIL_STANDIN_PORT": str(i.ports.mail),
        "MAIL_STANDIN_SMTP_PORT": str(i.ports.smtp),
        "MAIL_STANDIN_DIR": str(i.state.folder / "mail"),
    }


def _workflow(i: Installation) -> dict[str, str]:
    return {
        "WORKFLOW_STANDIN_PORT": str(i.ports.workflow),
        "WORKFLOW_STANDIN_GATEWAY_URL": i.gateway_url,
        "WORKFLOW_STANDIN_CREDENTIAL": _secret(i, "workflow-credential"),
        "WORKFLOW_STANDIN_WEBHOOK_SECRET": _secret(i, "workflow-webhook"),
        "WORKFLOW_STANDIN_STATE_DIR": str(i.state.folder / "workflow"),
    }


def _demo(i: Installation) -> dict[str, str]:
    """Where the demo finds everything; it has no rights but those of its people."""
    return {
        "DEMO_RADIOLOGY_PORTAL_URL": f"http://localhost:{i.ports.radiology_portal}",
        "DEMO_PROVIDER_PORTAL_URL": f"http://localhost:{i.ports.provider_portal}",
        "DEMO_WORKFLOW_URL": f"http://{HOST}:{i.ports.workflow}",
        "DEMO_TELEPHONY_URL": f"http://{HOST}:{i.ports.telephony}",
        "DEMO_MAIL_URL": f"http://{HOST}:{i.ports.mail}",
        "DEMO_DIMSE_PORT": str(i.ports.dimse),
        # Shared by all installations of a user: what the demo's images are made from.
        "DEMO_CACHE_DIR": str(cache_folder() / "demo"),
    }


_LEAN_HEAP = {
    # Threads that read large bodies would each keep a heap of their own.
    "MALLOC_ARENA_MAX": "2",
    # The memory of a large body goes back to the system when it is done with.
    "MALLOC_MMAP_THRESHOLD_": "262144",
}

_SETTINGS = {
    "demo": _demo,
    "report_consumer": _report_consumer,
    "alert_worker": _alert_worker,
    "gateway": _gateway,
    "gateway_dimse": _gateway_dimse,
    "identity": _identity,
    "telephony": _telephony,
    "mail": _mail,
    "workflow": _workflow,
}
"""Settings of each process beyond what all share; the environment may override each."""
