"""The Kubernetes manifests, and where one speaks of another."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from tests.documents import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
EXAMPLE = "secret.example.yaml"
_KUSTOMIZATION = "kustomization.yaml"

Manifest = dict[str, Any]  # Any: YAML of the schemas that the tests hold it against


@cache
def manifests() -> dict[str, Manifest]:
    """All of them by file, with the example of the secret and without the kustomization."""
    files = (file for file in FOLDER.glob("*.yaml") if file.name != _KUSTOMIZATION)
    return {file.name: yaml.safe_load(file.read_text()) for file in sorted(files)}


def kustomization() -> Manifest:
    """What `kubectl apply -k` takes."""
    found: Manifest = yaml.safe_load((FOLDER / _KUSTOMIZATION).read_text())
    return found


def of_kind(kind: str) -> list[Manifest]:
    """The manifests of a kind."""
    return [each for each in manifests().values() if each["kind"] == kind]


def only(kind: str) -> Manifest:
    """The one manifest of a kind."""
    [found] = of_kind(kind)
    return found


def pods() -> Iterator[Manifest]:
    """The template of every kind of pod."""
    yield only("StatefulSet")["spec"]["template"]
    for job in of_kind("CronJob"):
        yield job["spec"]["jobTemplate"]["spec"]["template"]


def containers() -> list[Manifest]:
    """Those of all pods."""
    return [each for pod in pods() for each in pod["spec"]["containers"]]


def variables(container: Manifest) -> dict[str, Manifest]:
    """The variables that a container is given one by one."""
    return {each["name"]: each for each in container["env"]}


def settings_text() -> str:
    """The settings file that the pods mount."""
    text: str = only("ConfigMap")["data"]["chatflow.yaml"]
    return text
