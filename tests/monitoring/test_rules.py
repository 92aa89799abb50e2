"""Dashboard and alert rules ask for what a flow exposes, and the rules do what they say."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from tests.documents import ROOT
from tests.monitoring.conftest import Watched

PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "chatflow.json"
OWN = {"up": {"job", "instance"}, "ALERTS": {"alertname", "alertstate"}}
"""What Prometheus knows by itself."""
TARGET = {"job", "instance"}
"""Labels that Prometheus adds to what it scrapes."""

Node = Any  # the parser's nodes share no class


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> dict[str, str]:
    """By place; Grafana's own variables have a value."""
    drawn = {
        f"panel {panel['title']} {target['refId']}": target["expr"]
        .replace("$__rate_interval", "1m")
        .replace("$job", "chatflow")
        for panel in panels()
        for target in panel["targets"]
    }
    return {**drawn, **{name: rule["expr"] for name, rule in alerts().items()}}


EXPRESSIONS = expressions()


def nodes(node: Node) -> Iterator[Node]:
    """An expression and all that it is made of."""
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        below = getattr(node, name, None)
        if below is not None and not isinstance(below, str | int | float):
            yield from nodes(below)
    for below in getattr(node, "args", None) or ():
        yield from nodes(below)


def selected(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric that an expression asks for, with the labels it is chosen by."""
    for node in nodes(promql_parser.parse(text)):
        if isinstance(node, promql_parser.VectorSelector):
            yield str(node.name), {matcher.name for matcher in node.matchers.matchers}


def grouped(text: str) -> set[str]:
    """The labels that the result of an expression is grouped by."""
    return {
        label
        for clause in re.findall(r"\b(?:by|on|group_left) \(([^)]*)\)", text)
        for label in re.split(r",\s*", clause)
        if label
    }


@pytest.mark.parametrize("place", EXPRESSIONS)
def test_an_expression_asks_for_what_a_running_flow_exposes(place: str, watched: Watched) -> None:
    exposed = {
        name: TARGET | {key for labels in samples for key, _ in labels}
        for name, samples in watched.scrape.samples.items()
    } | OWN
    found = list(selected(EXPRESSIONS[place]))
    assert found, "nothing is asked for"
    for name, labels in found:
        assert name in exposed
        assert labels <= exposed[name], name
    assert grouped(EXPRESSIONS[place]) <= set().union(*(exposed[name] for name, _ in found))


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: str(panel["title"]))
def test_a_panel_names_only_labels_that_its_expressions_have(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        kept = grouped(target["expr"]) or {"instance", "topic", "partition"}
        assert named <= kept
    assert panel["description"].endswith(".")


def test_every_alert_says_how_bad_it_is_and_what_it_means() -> None:
    for rule in alerts().values():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"].endswith(".")


def test_every_alert_has_an_entry_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(Chatflow\w+)` \|", runbook, re.MULTILINE)) == alerts().keys()


def test_every_alert_is_in_the_tests_of_the_rules() -> None:
    tested = (PROMETHEUS / "alerts.test.yml").read_text()
    assert set(re.findall(r'alertname="(\w+)"', tested)) == alerts().keys()


@pytest.fixture
def promtool() -> str:
    """Prometheus' own tool: Debian's package `prometheus` has it."""
    found = shutil.which("promtool")
    if found is None and os.environ.get("CHATFLOW_REQUIRE_SERVERS") == "1":
        pytest.fail("promtool is not installed, and no test may be left out", pytrace=False)
    return found or pytest.skip("promtool is not installed")


@pytest.mark.parametrize(
    "arguments",
    [["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]],
    ids=["configuration", "rules"],
)
def test_prometheus_itself_is_content(promtool: str, arguments: list[str]) -> None:
    done = subprocess.run(
        [promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
