"""The jars of a real Apache Kafka: fetched with Maven once, then found in `var/kafka-libs`."""

import fcntl
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

_ROOT = Path(__file__).resolve().parent.parent
_POM = Path(__file__).resolve().parent / "kafka" / "pom.xml"
_OLDEST_JAVA = 17
_FETCH_TIMEOUT = 600.0


class KafkaUnavailableError(Exception):
    """This machine cannot run Apache Kafka; the text says what is missing and how to get it."""


def kafka_version() -> str:
    """The version of Apache Kafka that the tests run against, as pom.xml names it."""
    tag = "{http://maven.apache.org/POM/4.0.0}"
    version = ElementTree.parse(_POM).findtext(f"{tag}properties/{tag}kafka.version")
    assert version is not None
    return version


def kafka_jars() -> Path:
    """Return the folder that holds Kafka's jars, after fetching them when it is the first use.

    Safe to call from several processes at once: one fetches, the others wait for it.

    Raises:
        KafkaUnavailableError: Java is missing or too old, or the jars are not there yet and Maven
            is missing or cannot fetch them.
    """
    _require_java()
    cache = _ROOT / "var" / "kafka-libs"
    jars = cache / kafka_version()
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / ".lock"):
        if not jars.is_dir():
            _fetch(jars)
    return jars


def _require_java() -> None:
    if shutil.which("java") is None:
        raise KafkaUnavailableError(
            f"no `java` on the PATH; install a Java runtime, {_OLDEST_JAVA} or newer"
        )
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < _OLDEST_JAVA:
        raise KafkaUnavailableError(
            f"`java -version` says {told.strip()!r}; Apache Kafka needs {_OLDEST_JAVA} or newer"
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(jars: Path) -> None:
    """Fill `jars` by way of a neighbour folder, so that a broken download never looks complete."""
    if shutil.which("mvn") is None:
        raise KafkaUnavailableError("no `mvn` on the PATH to fetch Kafka's jars; install Maven")
    partial = jars.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies"]
    command.append(f"-DoutputDirectory={partial}")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_FETCH_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise KafkaUnavailableError(
            f"Maven did not fetch Kafka's jars within {_FETCH_TIMEOUT:.0f} s"
        ) from exc
    if done.returncode != 0:
        raise KafkaUnavailableError(f"Maven could not fetch Kafka's jars: {done.stdout[-2000:]}")
    partial.rename(jars)
