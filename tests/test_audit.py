"""What the audit of dependencies says, by pip-audit itself and an advisory service of the test."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.audit import verdict
from tests.documents import ROOT
from tests.http_server import PushServer, Reply, answer, free_port

_HASH = "0" * 64
_ADVISORY = {
    "id": "PYSEC-2099-1",
    "summary": "It breaks.",
    "affected": [
        {
            "package": {"name": "brittle", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
Serve = Callable[[Reply], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """An advisory service that answers every question alike; its address."""
    servers: list[PushServer] = []

    def start(reply: Reply) -> str:
        servers.append(PushServer(reply))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


def audit(
    folder: Path, url: str, lock: str = f"brittle==1.0 --hash=sha256:{_HASH}\n"
) -> tuple[int, str]:
    """Exit status and words of the audit of a lock file."""
    (folder / "some.lock").write_text(lock)
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "audit.py", "some.lock", "-s", "osv", "--osv-url", url],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_known_vulnerability_fails_with_its_name_and_its_cure(
    serve: Serve, tmp_path: Path
) -> None:
    body = json.dumps({"vulns": [_ADVISORY]}).encode()
    status, words = audit(tmp_path, serve(answer(200, body=body)))
    assert status == 1
    assert "  brittle 1.0: PYSEC-2099-1, fixed in 1.1\n" in words


def test_no_known_vulnerability_passes(serve: Serve, tmp_path: Path) -> None:
    found = audit(tmp_path, serve(answer(200, body=b"{}")))
    assert found == (0, "some.lock: no known vulnerabilities in 1 packages\n")


def test_no_advisory_service_passes_and_says_that_nothing_was_audited(tmp_path: Path) -> None:
    found = audit(tmp_path, f"http://127.0.0.1:{free_port()}/")
    assert found == (0, "some.lock: not run: no advisory service reachable\n")


@pytest.mark.parametrize("status", [403, 503], ids=str)
def test_a_service_that_refuses_to_answer_is_none(
    serve: Serve, tmp_path: Path, status: int
) -> None:
    found = audit(tmp_path, serve(answer(status)))
    assert found == (0, "some.lock: not run: no advisory service reachable\n")


def test_a_lock_file_that_cannot_be_read_fails(serve: Serve, tmp_path: Path) -> None:
    status, words = audit(tmp_path, serve(answer(200, body=b"{}")), lock="brittle\n")
    assert status == 1
    assert words.startswith("some.lock: pip-audit failed:\n")


def report(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


_UNKNOWN: dict[str, object] = {"name": "a", "skip_reason": "Dependency not found on PyPI"}
_CLEAN: dict[str, object] = {"name": "b", "version": "1", "vulns": []}


def test_a_service_that_knows_no_package_is_none() -> None:
    assert verdict(report(_UNKNOWN, _UNKNOWN), "") == ("not run: no advisory service reachable", 0)


def test_packages_that_a_service_does_not_know_are_named() -> None:
    words, status = verdict(report(_CLEAN, _UNKNOWN), "")
    assert status == 0
    assert words == "no known vulnerabilities in 1 packages; the advisory service does not know a"
