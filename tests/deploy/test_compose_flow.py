"""The flow in docker-compose.kafka.yml, as far as it shows without an engine."""

from typing import Any

import pytest
import yaml

from config.keys import FIELDS, variable
from config.load import load_settings
from tests.deploy.dockerfile import of_image
from tests.deploy.manifests import only
from tests.documents import ROOT

FILE = ROOT / "docker-compose.kafka.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
PROCESSES = {name: each for name, each in SERVICES.items() if name.startswith("flow-")}

each_process = pytest.mark.parametrize("name", PROCESSES)


def test_processes_are_numbered_as_their_addresses_are() -> None:
    told = {each["environment"]["BYTEWAX_ADDRESSES"] for each in PROCESSES.values()}
    numbers = [each["environment"]["BYTEWAX_PROCESS_ID"] for each in PROCESSES.values()]
    assert told == {";".join(f"{name}:2101" for name in PROCESSES)}
    assert numbers == [str(number) for number in range(len(PROCESSES))]


@each_process
def test_process_differs_from_the_others_in_its_number_only(name: str) -> None:
    def but_number(service: dict[str, Any]) -> dict[str, Any]:
        environment = {**service["environment"], "BYTEWAX_PROCESS_ID": ""}
        return {**service, "environment": environment}

    assert but_number(PROCESSES[name]) == but_number(PROCESSES["flow-0"])


def test_flow_starts_when_topics_and_database_are_there_and_again_whenever_it_ends() -> None:
    flow = PROCESSES["flow-0"]
    assert flow["depends_on"] == {
        "kafka-init": {"condition": "service_completed_successfully"},
        "postgres": {"condition": "service_healthy"},
    }
    assert flow["restart"] == "unless-stopped"
    assert "healthcheck" in SERVICES["postgres"]
    assert set(flow["profiles"]) <= set(SERVICES["postgres"]["profiles"])


def test_flow_has_as_long_to_drain_as_in_kubernetes() -> None:
    grace = only("StatefulSet")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert PROCESSES["flow-0"]["stop_grace_period"] == f"{grace}s"


def test_flow_needs_nothing_to_write_to_but_the_folder_of_the_image() -> None:
    flow = PROCESSES["flow-0"]
    assert flow["read_only"] is True
    assert flow["cap_drop"] == ["ALL"]
    assert [each.text for each in of_image("VOLUME")] == ['["/var/lib/chatflow"]']


def test_settings_of_the_flow_load_and_name_the_other_services() -> None:
    environment = PROCESSES["flow-0"]["environment"]
    ours = {name: text for name, text in environment.items() if name.startswith("CHAT_")}
    assert set(ours) <= {variable(path) for path in FIELDS}
    password = SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]
    filled = {name: text.replace(password, "secret") for name, text in ours.items()}
    settings = load_settings(filled)
    assert settings.store.url == "postgresql://chat:secret@postgres:5432/chat"
    assert settings.kafka.brokers == ["kafka:19092"]


def test_nothing_is_reached_from_other_machines() -> None:
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_rows_outlive_the_container() -> None:
    assert SERVICES["postgres"]["volumes"] == ["postgres-data:/var/lib/postgresql"]
    assert SERVICES["postgres"]["image"].startswith("postgres:18")  # before, a folder below it
