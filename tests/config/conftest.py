from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Writes a YAML file and gives the environment that names it."""

    def write(text: str) -> dict[str, str]:
        file = tmp_path / "chat.yaml"
        file.write_text(text, encoding="utf-8")
        return {"CHAT_CONFIG": str(file)}

    return write
