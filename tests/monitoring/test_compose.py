"""The monitoring of docker-compose.kafka.yml, as far as it shows without an engine."""

from typing import Any

import pytest
import yaml

from config.settings import MetricsSettings
from tests.documents import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.kafka.yml").read_text())
SERVICES = ("prometheus", "grafana")


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"][name]
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_monitoring_starts_only_when_asked_for_and_is_reached_from_here_only(name: str) -> None:
    assert service(name)["profiles"] == ["monitoring"]
    assert all(port.startswith("127.0.0.1:") for port in service(name)["ports"])


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_a_version(name: str) -> None:
    assert service(name)["image"].partition(":")[2].lstrip("v")[0].isdigit()


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    mounted = [volume.split(":")[0] for volume in service(name)["volumes"]]
    for place in mounted:
        assert (ROOT / place).is_dir() if place.startswith(".") else place in COMPOSE["volumes"]


def test_prometheus_asks_the_port_at_which_a_flow_answers() -> None:
    text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
    [job] = yaml.safe_load(text)["scrape_configs"]
    targets = [target for found in job["static_configs"] for target in found["targets"]]
    assert targets == [f"host.docker.internal:{MetricsSettings().port}"]
    assert "host.docker.internal:host-gateway" in service("prometheus")["extra_hosts"]


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    [provider] = yaml.safe_load((provisioning / "dashboards" / "chatflow.yml").read_text())[
        "providers"
    ]
    folder = provider["options"]["path"]
    assert source["url"] == "http://prometheus:9090"
    assert f"./deploy/grafana/dashboards:{folder}:ro" in service("grafana")["volumes"]
    home = service("grafana")["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{folder}/chatflow.json"
