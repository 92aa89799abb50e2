import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from cli.demo_folder import claim
from tests.cli.running import COMMAND, PROJECT, chatflow, environment


def test_help_is_there_before_engine_and_database_are_loaded() -> None:
    heavy = {"bytewax", "duckdb", "pyarrow", "rich"}
    program = f"import sys, json, cli.main; print(json.dumps(sorted({heavy} & set(sys.modules))))"
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, check=True
    )
    assert json.loads(found.stdout) == []


@pytest.mark.parametrize("command", [(), ("demo",), ("send", "message")], ids=" ".join)
def test_help_needs_no_configuration(tmp_path: Path, command: tuple[str, ...]) -> None:
    found = chatflow(*command, "--help", cwd=tmp_path, environ={"CHAT_CONFIG": "missing.yaml"})
    assert found.returncode == 0
    assert found.stdout.startswith(" ".join(["Usage: chatflow", *command]))


def test_version_is_that_of_the_project(tmp_path: Path) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        expected = f"chatflow {version('chatflow')}\n"
        assert project["version"] in expected
    except PackageNotFoundError:
        expected = "chatflow (not installed, so the version is not known)\n"
    assert chatflow("--version", cwd=tmp_path).stdout == expected


def test_wrong_configuration_is_told_in_words_with_exit_status_2(tmp_path: Path) -> None:
    found = chatflow("config", "check", cwd=tmp_path, environ={"CHAT_STATS__WINDOW": "1 s"})
    assert found.returncode == 2
    assert found.stderr.startswith("chatflow: CHAT_STATS__WINDOW: sets nothing known")
    assert "Traceback" not in found.stderr


def test_failure_is_told_in_words_with_exit_status_1(tmp_path: Path) -> None:
    with claim(tmp_path / "demo") as folder:
        folder.name_flow(12345)
        found = chatflow("demo", "--folder", str(folder.path), cwd=tmp_path)
    assert found.returncode == 1
    assert found.stderr == (
        f"chatflow: another demo runs in {folder.path} (its flow is process 12345);"
        " end it, or name another --folder\n"
    )


@pytest.mark.parametrize(
    ("stream", "variables", "status"),
    [("stdout", {}, 1), ("stderr", {"CHAT_STATS__WINDOW": "1 s"}, 2)],
)
def test_full_disk_is_told_in_words_and_changes_no_other_exit_status(
    tmp_path: Path, stream: str, variables: dict[str, str], status: int
) -> None:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [*COMMAND, "config", "show"],
            cwd=tmp_path,
            env=environment(variables),
            check=False,
            text=True,
            **{**streams, stream: full},  # type: ignore[call-overload]  # either is a file or a pipe
        )
    assert found.returncode == status
    if stream == "stdout":
        words = "chatflow: there is no room for what it writes: No space left on device\n"
        assert found.stderr == words


def test_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    found = chatflow("demos", cwd=tmp_path)
    assert found.returncode == 2
    assert "Did you mean 'demo'?" in found.stderr
