"""Every settings class of every process, and the check of what the environment says to them.

What must stay true: a wrong setting of any process is named before the first one is started.
"""

import difflib
import importlib
import inspect
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from deploy.local.errors import RunnerError
from deploy.local.state import ROOT
from services.settings import read_settings

_PACKAGES = (
    "deploy.local",
    "services",
    "gateway",
    "order_consumer",
    "ingest_worker",
    "report_consumer",
    "alert_worker",
    "deploy.standins",
)
_PREFIX = re.compile(r'env_prefix="(\w+)"')


def settings_classes(given: Iterable[str] | None = None) -> Iterator[type[BaseSettings]]:
    """Yield every settings class with a prefix of its own, in the order of packages.

    Parameters
    ----------
    given : yield only classes that these variables may be meant for.
    """
    for package in _PACKAGES:
        folder = ROOT.joinpath(*package.split("."))
        for file in sorted(folder.rglob("*.py")):
            # Only what defines settings is loaded: the rest takes seconds.
            prefixes = _PREFIX.findall(file.read_text(encoding="utf-8"))
            wanted = given is None or any(name.startswith(tuple(prefixes)) for name in given)
            if prefixes and wanted:
                yield from _in_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


def variables(settings: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the name of each environment variable that a class reads, with its field."""
    prefix = settings.model_config.get("env_prefix", "")
    for name, field in settings.model_fields.items():
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)
        if not nested:
            yield f"{prefix}{name}".upper(), field


def check_given(given: Mapping[str, str], whole: Mapping[str, str]) -> None:
    """Check all that was given, whichever process reads it.

    Parameters
    ----------
    given : what somebody has set.
    whole : that, and our own settings of all processes.

    Raises
    ------
    RunnerError : a variable looks like a slip of the pen.
    SystemExit : a value is wrong; the message names its variable.
    """
    named = [name for name, value in given.items() if value]
    classes = list(settings_classes(named))
    known = [name for each in classes for name, _field in variables(each)]
    for name in named:
        if name not in known and (meant := difflib.get_close_matches(name, known, 1, 0.9)):
            raise RunnerError(f"Setting {name} is not known: {meant[0]} is. See deploy/env.sample.")
    with _environment(whole):
        for each in classes:
            read_settings(each)


def _in_module(name: str) -> Iterator[type[BaseSettings]]:
    module = importlib.import_module(name)
    for _, found in inspect.getmembers(module, inspect.isclass):
        if not issubclass(found, BaseSettings) or found.__module__ != name:
            continue
        if found.model_config.get("env_prefix"):
            yield found


@contextmanager
def _environment(whole: Mapping[str, str]) -> Iterator[None]:
    """Let settings be read as a process reads them; there is no other way to hand them over."""
    before = dict(os.environ)
    os.environ.update(whole)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
