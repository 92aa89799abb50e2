import subprocess
import sys

import pytest
from confluent_kafka import Consumer, Producer

from traffic.embedded import EmbeddedBroker

_WRITE_ONE = """
import sys
from confluent_kafka import Producer
producer = Producer({"bootstrap.servers": sys.argv[1]})
producer.produce("chat-messages", b"from afar")
sys.exit(producer.flush(10))
"""

_BEGIN_AND_END = """
import socket
from traffic.embedded import EmbeddedBroker
with EmbeddedBroker(["chat-messages"]) as broker:
    host, port = broker.bootstrap_servers.split(":")
    socket.create_connection((host, int(port))).close()
try:
    socket.create_connection((host, int(port)))
except ConnectionRefusedError:
    pass
else:
    raise SystemExit("something listens still")
"""


def test_other_processes_can_write_to_it(embedded: EmbeddedBroker) -> None:
    subprocess.run([sys.executable, "-c", _WRITE_ONE, embedded.bootstrap_servers], check=True)
    consumer = Consumer(
        {
            "bootstrap.servers": embedded.bootstrap_servers,
            "group.id": "readers",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe(["chat-messages"])
    record = consumer.poll(10)
    consumer.close()
    assert record is not None
    assert record.value() == b"from afar"


@pytest.mark.parametrize(("partitions", "count"), [(None, 3), (5, 5)], ids=["by default", "five"])
def test_created_topic_has_its_partitions(
    embedded: EmbeddedBroker, partitions: int | None, count: int
) -> None:
    embedded.create_topic("another", partitions=partitions)
    client = Producer({"bootstrap.servers": embedded.bootstrap_servers, "log_level": 0})
    assert len(client.list_topics(timeout=10).topics["another"].partitions) == count


def test_nothing_listens_after_its_block_and_nothing_was_printed() -> None:
    # In a process of its own: here, what clients of earlier tests say would be in the way.
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN_AND_END], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_brokers_live_side_by_side() -> None:
    with EmbeddedBroker(["one"]) as first, EmbeddedBroker(["two"]) as second:
        client = Producer({"bootstrap.servers": second.bootstrap_servers, "log_level": 0})
        assert first.bootstrap_servers != second.bootstrap_servers
        assert set(client.list_topics(timeout=10).topics) == {"two"}
