"""The sample of settings, and the files of `deploy/` that use them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.local.env_sample import env_sample
from deploy.local.known_settings import settings_classes, variables
from deploy.local.settings import PARTS
from deploy.local.state import ROOT
from gateway.imaging_settings import ImagingSettings
from gateway.settings import GatewaySettings
from tests.harness import containers

KNOWN = {name for each in settings_classes() for name, _field in variables(each)}


def test_the_sample_is_as_the_settings_are() -> None:
    """Made by `python -m deploy.local.env_sample > deploy/env.sample`."""
    assert (ROOT / "deploy" / "env.sample").read_text() == env_sample()


def test_every_setting_has_a_line_of_help() -> None:
    silent = {
        name
        for each in settings_classes()
        for name, field in variables(each)
        if not (field.description or "Literal" in str(field.annotation))
    }

    assert silent == set()


def test_the_variables_that_bring_a_part_from_outside_exist() -> None:
    named = {name for part in PARTS for name in (part.switch, *part.needs)}

    assert named <= KNOWN


def _compose() -> dict[str, dict[str, dict[str, str]]]:
    compose: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        (ROOT / "deploy" / "compose.yaml").read_text()
    )
    return compose


def test_compose_sets_only_variables_that_somebody_reads() -> None:
    theirs = ("kafka", "postgres", "s3")
    used = {
        name
        for service, definition in _compose()["services"].items()
        if service not in theirs
        for name in definition.get("environment", {})
    }

    assert used - KNOWN == set()


@pytest.mark.parametrize("service", ["gateway", "gateway_dimse"])
def test_compose_passes_on_every_setting_of_the_gateway(service: str) -> None:
    """What somebody has set and the file does not pass on would be silently without effect."""
    prefixes = ("GATEWAY_", "HOSPITAL_", "KAFKA_", "MINIO_")
    if service == "gateway":
        prefixes = (*prefixes, "OIDC_", "TWILIO_")
    # Ports and folders of a container are the file's own business.
    own = {name for name in KNOWN if name.endswith(("_PORT", "_DIR"))}
    of_dimse = {name for name in KNOWN if name.startswith("GATEWAY_DIMSE_")}
    of_pages = {name for name, _field in variables(GatewaySettings)} - {
        name for name, _field in variables(ImagingSettings)
    }
    others = of_dimse if service == "gateway" else of_pages
    wanted = {name for name in KNOWN - own - others if name.startswith(prefixes)}

    passed = _compose()["services"][service]["environment"]

    assert wanted - set(passed) == set()


def test_compose_asks_every_process_how_it_is() -> None:
    services = _compose()["services"]
    asked = services["gateway"]["environment"]["GATEWAY_WORKER_URLS"]
    names = {pair.partition("=")[0] for pair in asked.split(",")}

    assert names == {
        name
        for name, service in services.items()
        if service["image"] == "radiology-portal" and name not in ("gateway", "prepare")
    }


def test_compose_and_the_tests_use_the_same_images() -> None:
    services = _compose()["services"]

    assert services["kafka"]["image"] == containers.KAFKA_IMAGE
    assert services["postgres"]["image"] == containers.POSTGRES_IMAGE
    assert services["s3"]["image"] == containers.S3_IMAGE


def test_compose_itself_accepts_the_file() -> None:
    command = _compose_command()
    if command is None:
        pytest.skip("neither docker compose nor docker-compose is installed")

    result = subprocess.run(
        [*command, "-f", str(ROOT / "deploy" / "compose.yaml"), "config", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr


def _compose_command() -> list[str] | None:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = ["docker", "compose"]
    if shutil.which("docker"):
        answer = subprocess.run([*plugin, "version"], capture_output=True, check=False)
        if answer.returncode == 0:
            return plugin
    return None


def test_units_start_what_exists() -> None:
    """A unit that names a module or a command that is gone would fail only at the next boot."""
    target = (ROOT / "deploy" / "systemd" / "radiology.target").read_text()

    modules = set(re.findall(r"radiology@(\w+)\.service", target))

    assert modules
    assert all((ROOT / module / "__main__.py").exists() for module in modules)


@pytest.mark.parametrize("file", sorted((ROOT / "deploy" / "systemd").glob("*.service")))
def test_systemd_itself_accepts_the_units(file: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for unit in file.parent.iterdir():
        text = unit.read_text().replace("/opt/radiology/.venv/bin/python", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    name = file.name.replace("@.", "@gateway.")

    result = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "radiology" not in result.stderr
