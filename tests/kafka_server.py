"""A real Apache Kafka of one broker on this machine, and its command-line tools."""

import contextlib
import random
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.kafka_jars import kafka_jars

_TEMPLATE = Path(__file__).resolve().parent / "kafka" / "server.properties"
_TOOLS = {
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
}
_CLUSTER_ID = "Y2hhdGZsb3ctdGVzdHMtMQ"
_QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
_SHORT_LIVED_JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", _QUIET]
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 30.0
_TOOL_TIMEOUT = 60.0


class KafkaServer:
    """One broker (KRaft, no ZooKeeper) that listens on loopback and keeps its data in `folder`.

    A context manager: entering starts it, leaving stops it. `folder` must be empty or absent; the
    broker's log is `broker.log` in it. Topics are never created by accident.

    Args:
        folder: Where the broker's data, properties and log go.
        heap: The broker's heap, in the JVM's words.
        more: Lines for its properties, with the template's fields; they win over the template's.

    Raises:
        KafkaUnavailableError: This machine has no Java or cannot get the jars.
    """

    def __init__(self, folder: Path, *, heap: str = "512m", more: str = "") -> None:
        self._jars = kafka_jars()
        self._folder = folder
        self._heap = heap
        self._port, controller_port = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = folder / "server.properties"
        folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            (_TEMPLATE.read_text() + more).format(
                port=self._port, controller_port=controller_port, data=folder / "data"
            )
        )
        self._format()

    @property
    def bootstrap_servers(self) -> str:
        """The broker's address, the same after a restart."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the broker and return when it answers."""
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._java(f"-Xmx{self._heap}", main="kafka.Kafka", args=[str(self._properties)]),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the broker, by SIGKILL when SIGTERM does not; its data stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop the broker and start it on the same data and address."""
        self.stop()
        self.start()

    def create_topics(
        self, *topics: str, partitions: int = 3, config: Mapping[str, str] | None = None
    ) -> None:
        """Create topics; returns when all of them exist.

        Raises:
            KafkaException: A topic exists already or its name or configuration is refused.
        """
        wanted = [
            NewTopic(topic, partitions, replication_factor=1, config=dict(config or {}))
            for topic in topics
        ]
        admin = self._admin()  # held by name: the answers are lost with it
        for created in admin.create_topics(wanted).values():
            created.result(timeout=_TOOL_TIMEOUT)

    def tool(self, name: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run one of Kafka's command-line tools, `kafka-topics` and the like, against this broker.

        `--bootstrap-server` is added when it is not among the arguments. A failure is an exit
        status in the result, not an exception.
        """
        where = [] if "--bootstrap-server" in args else self._bootstrap_arguments()
        return subprocess.run(
            self._java(*_SHORT_LIVED_JVM, main=_TOOLS[name], args=[*args, *where]),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_TOOL_TIMEOUT,
            check=False,
        )

    def _bootstrap_arguments(self) -> list[str]:
        return ["--bootstrap-server", self.bootstrap_servers]

    def _java(self, *options: str, main: str, args: list[str]) -> list[str]:
        return ["java", *options, "-cp", f"{self._jars}/*", main, *args]

    def _format(self) -> None:
        args = ["format", "-t", _CLUSTER_ID, "-c", str(self._properties)]
        done = subprocess.run(
            self._java(*_SHORT_LIVED_JVM, main="kafka.tools.StorageTool", args=args),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"Kafka refuses to format {self._folder}: {done.stderr[-2000:]}")

    def _admin(self) -> AdminClient:
        return AdminClient(
            {
                "bootstrap.servers": self.bootstrap_servers,
                "reconnect.backoff.max.ms": 100,
                "log_level": 0,  # while the broker starts, every refused connection would be told
            }
        )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        admin = self._admin()
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(KafkaException):
                if admin.list_topics(timeout=1.0).brokers:
                    return
        told = (self._folder / "broker.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"Kafka did not start; its log ends with: {told}")


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, below those that the kernel gives to outgoing connections.

    A port from the kernel's own range may be taken between two starts of the broker, and a client
    that keeps trying to reach a stopped broker there can connect to itself.
    """
    free: list[int] = []
    for port in random.sample(range(20_000, 32_000), 1_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            free.append(port)
        if len(free) == count:
            break
    return free
