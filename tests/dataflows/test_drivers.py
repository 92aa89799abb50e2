"""What a flow loads is what its settings name: every driver takes its part of a start."""

import subprocess
import sys
from pathlib import Path

from tests.dataflows.test_sketch import PROJECT

LOADED = """
import sys
from config.settings import Settings, StoreSettings
from dataflows import chat
from dataflows.stores import new_store

store = new_store(Settings(store=StoreSettings(url=sys.argv[1])))
if sys.argv[1].startswith("duckdb"):
    store.prepare()
print(*sorted({"duckdb", "psycopg"} & set(sys.modules)))
"""


def loaded(url: str) -> list[str]:
    """The drivers of a process that has opened this store."""
    command = [sys.executable, "-c", LOADED, url]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_flow_with_a_file_does_without_the_driver_of_postgres(tmp_path: Path) -> None:
    assert loaded(f"duckdb:///{tmp_path}/chat.duckdb") == ["duckdb"]


def test_a_flow_with_postgres_has_its_driver() -> None:
    assert "psycopg" in loaded("postgresql://nobody@127.0.0.1:1/nowhere")
