"""Writes `deploy/env.sample`: every setting of every process, from the classes that read them.

    .venv/bin/python -m deploy.local.env_sample > deploy/env.sample

What must stay true: the sample is never written by hand, so that it cannot miss a setting.
"""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from deploy.local.known_settings import settings_classes, variables
from deploy.local.state import ROOT

_HEAD = """\
# Every setting, made by `python -m deploy.local.env_sample`; do not edit by hand.
#
# On one machine `./radiology up` needs none of them. A line that begins with # shows the default;
# one that does not is required where its process is started by other means (systemd, containers).
# Naming an outside part by its first variable (KAFKA_BOOTSTRAP_SERVERS, RADIOLOGY_DATABASE_URL,
# MINIO_ENDPOINT, TWILIO_ACCOUNT_SID, SMTP_HOST, OIDC_ISSUER) keeps `up` from starting its own.
"""


def env_sample() -> str:
    """Return the text of the sample."""
    seen: set[str] = set()
    return "\n".join([_HEAD, *(_section(each, seen) for each in settings_classes())])


def _section(settings: type[BaseSettings], seen: set[str]) -> str:
    lines = [f"# ---- {(settings.__doc__ or '').splitlines()[0]} ({settings.__module__})"]
    for name, field in variables(settings):
        if name not in seen:
            seen.add(name)
            lines += ["", f"# {_help(field)}", _assignment(name, field)]
    return "\n".join([*lines, "", ""])


def _help(field: FieldInfo) -> str:
    choices = f"One of: {', '.join(get_args(field.annotation))}" if _is_choice(field) else ""
    return ". ".join(part for part in (field.description, choices) if part)


def _is_choice(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is Literal


def _assignment(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return f"{name}="
    return f"#{name}={_as_text(field.get_default(call_default_factory=False))}"


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "get_secret_value"):
        return str(value.get_secret_value())
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        return str(value.relative_to(ROOT))
    return str(value)


if __name__ == "__main__":
    print(env_sample(), end="")
