"""The Dockerfile holds what the project needs, and nothing that could be left out."""

import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from tests.deploy.dockerfile import FILE, command, of_image, stages
from tests.documents import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    said = subprocess.run([hadolint, FILE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_builder_is_given_every_package_and_little_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    packages = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    assert {package.removesuffix("*") for package in packages} <= allowed
    assert {"requirements.lock", "pyproject.toml", PROJECT["project"]["readme"]} <= allowed


def test_only_what_the_lock_file_hashes_is_installed() -> None:
    build = [each.text for each in stages()[0] if each.name == "RUN"]
    [locked] = [text for text in build if "requirements.lock" in text]
    [own] = [text for text in build if "--no-deps" in text]
    assert "--require-hashes" in locked
    assert "--only-binary :all:" in locked
    assert "--no-build-isolation" in own


def test_tools_of_the_build_stay_behind() -> None:
    last = " ".join(each.text for each in of_image("RUN"))
    assert [each.text for each in of_image("COPY")] == ["--from=build /opt/chatflow /opt/chatflow"]
    assert "uninstall --yes --root-user-action ignore pip" in last
    assert "apt-get" not in last


def test_version_is_that_of_the_project() -> None:
    [version] = [each.text for each in of_image("ARG") if each.text.startswith("VERSION=")]
    tag = yaml.safe_load((ROOT / "deploy/kubernetes/kustomization.yaml").read_text())["images"]
    compose = yaml.safe_load((ROOT / "docker-compose.kafka.yml").read_text())["services"]
    wanted = PROJECT["project"]["version"]
    assert version == f"VERSION={wanted}"
    assert [each["newTag"] for each in tag] == [wanted]
    assert compose["flow-0"]["image"] == f"chatflow:{wanted}"


def test_signals_reach_the_flow_and_it_is_nobody_of_importance() -> None:
    assert command() == ["python", "-m", "bytewax.run", "dataflows.chat", "-s", "2"]
    [signal] = of_image("STOPSIGNAL")
    [user] = of_image("USER")
    assert signal.text == "SIGTERM"
    assert user.text.partition(":")[0].isdigit()
    assert user.text != "0:0"
