"""What a cluster answers at first, and what is said of one that does not."""

from config.kafka import Properties
from sinks.contact import ask_cluster
from tests.http_server import free_port
from traffic.embedded import EmbeddedBroker


def at(address: str) -> Properties:
    return {"bootstrap.servers": address, "log_level": 0}


def test_a_cluster_names_its_topics(embedded: EmbeddedBroker) -> None:
    found = ask_cluster(at(embedded.bootstrap_servers), patience=20)
    assert not isinstance(found, str)
    assert {"chat-messages", "user-events", "group-messages"} <= found.topics.keys()


def test_where_nobody_listens_the_reason_is_that_of_the_connection() -> None:
    address = f"127.0.0.1:{free_port()}"
    reason = ask_cluster(at(address), patience=0.5)
    assert isinstance(reason, str)
    assert address in reason
    assert reason.endswith("Connection refused")
