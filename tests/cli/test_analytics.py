"""The commands as their users run them; most of what they do is tested without a process."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.run_log import NAME
from cli.main import app
from tests.analytics.a_week import HOSTILE, a_week
from tests.analytics.query_files import query_text
from tests.cli.running import COMMAND, chatflow, environment

SENDERS = """SELECT from_user, count(*) AS messages FROM messages
WHERE created_at >= $start AND created_at < $end GROUP BY from_user ORDER BY 2 DESC, 1
"""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_week(tmp_path_factory.mktemp("week") / "chat.duckdb", messages=2000)


@pytest.fixture
def environ(week: Path, tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "queries"
    folder.mkdir()
    (folder / "mine.sql").write_text(query_text(every="5m"))
    (folder / "senders.sql").write_text(query_text(SENDERS, chart="bar x=from_user y=messages"))
    return {
        "CHAT_STORE__URL": f"duckdb:///{week}",
        "CHAT_ANALYTICS__QUERIES": str(folder),
        "CHAT_ANALYTICS__OUTPUT_DIR": str(tmp_path / "out"),
    }


def test_run_writes_what_a_query_finds(environ: dict[str, str], tmp_path: Path) -> None:
    done = chatflow(
        "analytics", "run", "mine", "--end", "2026-03-30", cwd=tmp_path, environ=environ
    )
    assert (done.returncode, done.stderr) == (0, "")
    files = sorted((tmp_path / "out" / "mine").iterdir())
    assert [file.name for file in files] == [
        f"2026-03-30T000000Z.{form}" for form in ("csv", "html", "parquet")
    ]
    assert files[0].read_text().splitlines()[0] == '"event_type","messages"'
    assert "mine: 2 rows of 2026-03-23 00:00 to 2026-03-30 00:00" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mine", "--end", "tomorrow"), "is not a day or a time"),
        (("mine", "--start", "2026-03-02", "--end", "2026-03-01"), "ends before it"),
        (("mine", "--timezone", "Mars/Base"), "is no time zone"),
        (("mine", "--format", "xlsx"), "is none of parquet, csv, html"),
        (("--due", "--end", "2026-03-01"), "takes neither a span nor a format"),
    ],
)
def test_wrong_usage_has_status_2(
    arguments: tuple[str, ...], said: str, environ: dict[str, str]
) -> None:
    done = CliRunner().invoke(app, ["analytics", "run", *arguments], env=environ)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_query_that_fails_has_status_1_and_the_others_run(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "queries" / "broken.sql").write_text(query_text("SELECT broken"))
    arguments = ("run", "broken", "mine", "--format", "csv", "--end", "2026-03-30")
    done = chatflow("analytics", *arguments, cwd=tmp_path, environ=environ)
    assert done.returncode == 1
    assert "broken: cannot be run: Binder Error" in done.stderr
    assert (tmp_path / "out" / "mine" / "2026-03-30T000000Z.csv").exists()


def test_loop_runs_what_is_due_and_drains_on_sigterm(
    environ: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "analytics", "loop"],
        cwd=tmp_path,
        env=environment(environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        while '"senders"' not in _run_log(tmp_path / "out"):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read().endswith("stopped by a signal\n")
    assert process.returncode == 0
    again = chatflow("analytics", "run", "--due", "senders", cwd=tmp_path, environ=environ)
    assert again.stdout == "nothing is due\n"


def test_list_names_queries_with_their_newest_output(
    environ: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "out" / "mine" / "2026-03-30T000000Z.csv"
    output.parent.mkdir(parents=True)
    output.write_text("")
    lines = chatflow("analytics", "list", cwd=tmp_path, environ=environ).stdout.splitlines()
    (mine,) = [line for line in lines if line.startswith("mine ")]
    assert " ".join(mine.split()) == "mine 5 min 7 d until 2026-03-30 00:00Z Messages by type"


def test_report_is_one_page_that_repeats_no_script(environ: dict[str, str], tmp_path: Path) -> None:
    done = chatflow(
        "report", "--end", "2026-03-30", "--output", "page.html", cwd=tmp_path, environ=environ
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "page.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert HOSTILE not in page
    assert "a secret" not in page
    assert not list((tmp_path / "out" / ".work").iterdir()), "the copy is gone"


def _run_log(folder: Path) -> str:
    return (folder / NAME).read_text() if (folder / NAME).exists() else ""
