"""The units of systemd are understood by it, and agree with each other."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.keys import FIELDS, variable
from tests.documents import ROOT

UNITS = ROOT / "deploy" / "systemd"
_STARTED = (
    *("chatflow.service", "chatflow@0.service", "chatflow.target"),
    *("chatflow-analytics.service", "chatflow-analytics.timer"),
)
_OF_SYSTEMD = ("basic", "multi-user", "network-online", "shutdown", "sysinit", "timers")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of a machine with the units, and with what they start."""
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(UNITS, units)
    for name in _OF_SYSTEMD:
        (units / f"{name}.target").write_text("[Unit]\nDescription=of systemd\n")
    programs = tmp_path / "opt" / "chatflow" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "chatflow"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    return tmp_path


def unit(name: str) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=False)
    found.read(UNITS / name)
    return found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="There is no systemd-analyze here")
@pytest.mark.parametrize("name", _STARTED)
def test_systemd_understands_the_unit(name: str, machine: Path) -> None:
    words = ["systemd-analyze", "verify", f"--root={machine}", name]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def test_processes_of_a_cluster_differ_from_the_single_one_where_they_must() -> None:
    alone, process = unit("chatflow.service")["Service"], unit("chatflow@.service")["Service"]
    differing = {key for key in {*alone, *process} if alone.get(key) != process.get(key)}
    assert differing == {"environment", "restart", "restartsec"}
    assert process["Restart"] == "always"


def test_processes_stop_and_start_together() -> None:
    process = unit("chatflow@.service")
    assert process["Unit"]["PartOf"] == "chatflow.target"
    assert process["Install"]["WantedBy"] == "chatflow.target"


def test_variables_in_the_units_are_settings() -> None:
    text = "".join(file.read_text() for file in UNITS.iterdir())
    named = set(re.findall(r"CHAT_\w*[A-Z]", text)) - {"CHAT_CONFIG"}
    assert named <= {variable(path) for path in FIELDS}
