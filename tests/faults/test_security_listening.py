"""What listens, listens on the loopback interface alone."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment

_LISTENING = "0A"
_LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as the kernel writes them."""
_PATIENCE = 60.0

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what listens is read from Linux's /proc"
)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[int]:
    """The process of a demo."""
    command = [*COMMAND, "demo", "--folder", str(tmp_path / "demo")]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    yield process.pid
    for each in family(process.pid):
        os.kill(each, signal.SIGKILL)
    process.wait(_PATIENCE)


def family(process: int) -> list[int]:
    """The process and its children's children."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for file in listed for child in file.read_text().split()]
    return [process, *(each for child in children for each in family(child))]


def listening(process: int) -> set[str]:
    """The addresses, in the kernel's form, on which a process listens."""
    held = {
        os.readlink(link) for link in Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()
    }
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return {
        row[1].partition(":")[0]
        for row in rows
        if row[3] == _LISTENING and f"socket:[{row[9]}]" in held
    }


def commands(processes: list[int]) -> str:
    return " ".join(Path(f"/proc/{each}/cmdline").read_text() for each in processes)


def test_a_demo_with_broker_traffic_and_flow_listens_on_loopback_alone(
    demo: int, tmp_path: Path
) -> None:
    log = tmp_path / "demo" / "flow.log"
    deadline = time.monotonic() + _PATIENCE
    while not (log.exists() and re.search("push message_id", log.read_text())):
        assert time.monotonic() < deadline, "the demo's flow decides nothing"
        time.sleep(0.1)

    processes = family(demo)

    assert "dataflows.chat" in commands(processes)
    found = set().union(*map(listening, processes))
    assert found
    assert found <= _LOOPBACK
