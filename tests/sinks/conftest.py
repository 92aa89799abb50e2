"""Fixtures of the tests about sinks."""

from pathlib import Path

import pytest

from tests.places import PLACES, Place


@pytest.fixture(params=PLACES, ids=lambda factory: factory.name)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store, once of each kind."""
    found: Place = request.param(tmp_path / "chat.duckdb")
    return found
