"""The Kubernetes manifests keep to the schemas, and agree with each other and with the project."""

import re
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from typer.main import get_command

from cli.main import app
from config.keys import CONFIG_VARIABLE, FIELDS, PROPERTIES, variable
from config.load import load_settings
from tests.deploy.dockerfile import of_image
from tests.deploy.manifests import (
    EXAMPLE,
    Manifest,
    containers,
    kustomization,
    manifests,
    of_kind,
    only,
    pods,
    settings_text,
    variables,
)

_OLDEST = "1.28"
"""The first release that labels a pod with its number."""
_NEWEST = ".".join(kubernetes_validate.latest_version().split(".")[:2])
_CLUSTER_PORT = 2101

each_file = pytest.mark.parametrize("file", sorted(manifests()))


@each_file
@pytest.mark.parametrize("version", [_OLDEST, _NEWEST])
def test_manifest_keeps_to_the_schema(file: str, version: str) -> None:
    assert kubernetes_validate.validate(manifests()[file], version, strict=True) == version


def test_everything_is_applied_but_the_example_of_the_secret() -> None:
    assert set(kustomization()["resources"]) == set(manifests()) - {EXAMPLE}


def test_names_are_labelled_as_one_application() -> None:
    names = {each["metadata"]["labels"]["app.kubernetes.io/name"] for each in manifests().values()}
    assert names == {"chatflow"}


@pytest.mark.parametrize("kind", ["Service", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy"])
def test_selector_takes_the_pods_of_the_flow_and_no_others(kind: str) -> None:
    spec = only(kind)["spec"]
    selector = spec.get("podSelector") or spec["selector"]
    wanted = selector.get("matchLabels", selector).items()
    taken = [pod for pod in pods() if wanted <= pod["metadata"]["labels"].items()]
    assert taken == [only("StatefulSet")["spec"]["template"]]


def test_there_is_an_address_for_each_process_under_the_name_of_its_pod() -> None:
    flow = only("StatefulSet")
    name, service = flow["metadata"]["name"], flow["spec"]["serviceName"]
    assert service == only("Service")["metadata"]["name"]
    assert addresses() == [
        f"{name}-{number}.{service}:{_CLUSTER_PORT}" for number in range(flow["spec"]["replicas"])
    ]


def test_processes_find_each_other_before_any_of_them_is_ready() -> None:
    assert only("StatefulSet")["spec"]["podManagementPolicy"] == "Parallel"
    service = only("Service")["spec"]
    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True


def test_two_releases_are_never_in_one_cluster() -> None:
    assert only("StatefulSet")["spec"]["updateStrategy"] == {"type": "OnDelete"}


def test_port_of_the_cluster_is_open_to_its_processes_only_and_never_probed() -> None:
    [flow] = only("StatefulSet")["spec"]["template"]["spec"]["containers"]
    probes = [flow[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    assert [(probe["port"], probe["path"]) for probe in probes] == [
        ("metrics", "/healthz"),
        ("metrics", "/healthz"),
        ("metrics", "/readyz"),
    ]
    [rule] = [rule for rule in policy() if rule["ports"] == [{"port": "cluster"}]]
    selector = only("StatefulSet")["spec"]["selector"]
    assert rule["from"] == [{"podSelector": selector}]


def test_ports_are_those_of_the_settings_and_the_image() -> None:
    [flow] = only("StatefulSet")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in flow["ports"]}
    settings = load_settings(environment()).model_dump()
    assert ports == {"cluster": _CLUSTER_PORT, "metrics": settings["metrics"]["port"]}
    served = {port["targetPort"]: port["port"] for port in only("Service")["spec"]["ports"]}
    assert served == ports
    [exposed] = of_image("EXPOSE")
    assert int(exposed.text) == ports["metrics"]


def test_settings_load_with_the_secret_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "chatflow.yaml"
    file.write_text(settings_text())
    settings = load_settings({**environment(), CONFIG_VARIABLE: str(file)})
    assert settings.store.url.startswith("postgresql://")
    assert settings.model_dump()["metrics"]["host"] == "0.0.0.0"


def test_variables_are_settings() -> None:
    given = {name for each in containers() for name in variables(each)} | set(secrets())
    known = {variable(path) for path in FIELDS} | {CONFIG_VARIABLE}
    ours = {name for name in given if name.startswith("CHAT_")}
    prefix = variable(PROPERTIES) + "__"
    assert {name for name in ours if not name.startswith(prefix)} <= known


def test_the_example_holds_no_secret() -> None:
    assert all("replace-me" in text for text in secrets().values())


@pytest.mark.parametrize("job", of_kind("CronJob"), ids=lambda job: job["metadata"]["name"])
def test_scheduled_command_exists(job: Manifest) -> None:
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    program, *words = container["command"]
    assert program == "chatflow"
    command = get_command(app)
    for word in words:
        if word.startswith("-"):
            assert word in {name for option in command.params for name in option.opts}
        else:
            command = command.commands[word]  # type: ignore[attr-defined]  # of a group


def test_pods_read_the_same_settings_and_secret() -> None:
    name = only("ConfigMap")["metadata"]["name"]
    for pod in pods():
        [container] = pod["spec"]["containers"]
        assert container["envFrom"] == [{"secretRef": {"name": "chatflow"}}]
        [config] = [each for each in pod["spec"]["volumes"] if "configMap" in each]
        assert config["configMap"]["name"] == name
        [mount] = [m for m in container["volumeMounts"] if m["name"] == config["name"]]
        file = Path(variables(container)[CONFIG_VARIABLE]["value"])
        assert Path(mount["mountPath"]) == file.parent
        assert file.name in only("ConfigMap")["data"]


def test_pods_run_as_the_image_does_and_may_do_little() -> None:
    [user] = of_image("USER")
    for pod in pods():
        found = pod["spec"]["securityContext"]
        assert f"{found['runAsUser']}:{found['runAsGroup']}" == user.text
        assert found["runAsNonRoot"] is True
        assert found["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        [container] = pod["spec"]["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


def addresses() -> list[str]:
    [flow] = only("StatefulSet")["spec"]["template"]["spec"]["containers"]
    text: str = variables(flow)["BYTEWAX_ADDRESSES"]["value"]
    return text.split(";")


def policy() -> list[Manifest]:
    rules: list[Manifest] = only("NetworkPolicy")["spec"]["ingress"]
    return rules


def secrets() -> dict[str, str]:
    """What the example names, also where it stands in a comment."""
    text = (Path(__file__).resolve().parents[2] / "deploy" / "kubernetes" / EXAMPLE).read_text()
    return dict(re.findall(r'^  (?:# )?(CHAT_\w+): "(.*)"$', text, re.MULTILINE))


def environment() -> dict[str, str]:
    """The variables of the secret."""
    found: dict[str, str] = manifests()[EXAMPLE]["stringData"]
    return found
