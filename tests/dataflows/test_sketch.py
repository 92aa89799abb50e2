"""The flow can be drawn where nothing runs."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_the_flow_is_drawn_without_brokers_and_leaves_no_database(tmp_path: Path) -> None:
    store = tmp_path / "never.duckdb"
    environment = {**os.environ, "CHAT_STORE__URL": f"duckdb:///{store}"}
    environment["CHAT_KAFKA__BROKERS"] = "127.0.0.1:1"
    command = [sys.executable, "-m", "bytewax.visualize", "dataflows.chat"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    for step in ("source", "decode", "branch", "stats", "presence", "push", "persist", "store"):
        assert f"chat.{step}" in done.stdout
    assert not store.exists()
