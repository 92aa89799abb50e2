"""The examples of schedules run what they say."""

import fcntl
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.analytics.a_week import a_week
from tests.analytics.query_files import query_text
from tests.cli.running import PROJECT

CRON = PROJECT / "deploy" / "cron" / "chatflow-analytics"
SERVICE = PROJECT / "deploy" / "systemd" / "chatflow-analytics.service"
COMMAND = "/opt/chatflow/.venv/bin/chatflow"


def cron_lines() -> list[str]:
    """The commands of the file, without time and user."""
    return re.findall(r"^[\d*/]+(?: [\d*]+){4} chatflow (.*)$", CRON.read_text(), re.MULTILINE)


def service_lines() -> list[str]:
    return re.findall(r"^ExecStart=(.*)$", SERVICE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("line", [*cron_lines(), *service_lines()])
def test_scheduled_command_exists_with_its_options(line: str) -> None:
    _, _, arguments = line.partition(f"{COMMAND} ")
    done = CliRunner().invoke(app, [*arguments.split(), "--help"])
    assert done.exit_code == 0


def test_cron_runs_what_is_due_and_joins_no_run(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "mine.sql").write_text(query_text())
    a_week(tmp_path / "chat.duckdb", messages=200)
    line, *_ = cron_lines()
    here = line.replace(COMMAND, f"{sys.executable} -m cli.main").replace(
        "--due --catch-up 24", "--due mine --catch-up 2"
    )
    here = here.replace("/var/lib/chatflow", str(tmp_path))
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(PROJECT),
        "CHAT_STORE__URL": f"duckdb:///{tmp_path / 'chat.duckdb'}",
        "CHAT_ANALYTICS__QUERIES": str(tmp_path / "queries"),
        "CHAT_ANALYTICS__OUTPUT_DIR": str(tmp_path / "analytics"),
    }

    def cron() -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", here], cwd=tmp_path, env=environ, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    with (tmp_path / "analytics.lock").open("w") as earlier:
        fcntl.flock(earlier, fcntl.LOCK_EX)
        assert cron() == ""
    assert cron().count("mine: ") == 2
    assert cron() == "nothing is due\n"
