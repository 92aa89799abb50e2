from pathlib import Path

import pytest

from cli.demo_folder import claim
from config.errors import ChatflowError, ConfigurationError

LEFT_BY_A_DEMO = ("chat.duckdb", "chat.duckdb.wal", "flow.log", "demo.yaml")


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder in which a demo ran."""
    with claim(tmp_path / "demo"):
        pass
    for name in LEFT_BY_A_DEMO:
        (tmp_path / "demo" / name).touch()
    return tmp_path / "demo"


def test_files_of_the_demo_before_are_removed_and_no_others(used: Path) -> None:
    (used / "notes.txt").touch()
    with claim(used):
        assert {file.name for file in used.iterdir()} == {"demo.lock", "notes.txt"}


def test_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "chat.duckdb").touch()
    with pytest.raises(ConfigurationError, match="holds something else"), claim(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["chat.duckdb"]


def test_folder_in_use_is_refused_and_left_alone(used: Path) -> None:
    with claim(used) as folder:
        folder.name_flow(4711)
        folder.database.touch()
        with pytest.raises(ChatflowError, match="its flow is process 4711"), claim(used):
            pass
        assert folder.database.exists()


def test_file_in_place_of_the_folder_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigurationError, match=r"--folder: .*file cannot be used"), claim(file):
        pass


def test_settings_name_the_broker_and_the_folders_database(tmp_path: Path) -> None:
    with claim(tmp_path / "a folder: with 'signs'") as folder:
        settings = folder.write_settings("127.0.0.1:9999")
    assert settings.kafka.brokers == ["127.0.0.1:9999"]
    assert settings.store.path == folder.database
    assert settings.kafka.consumer.auto_offset_reset == "earliest"
