"""The first question to a Kafka cluster: what there is, or why nobody answers."""

import re
import time
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from config.errors import ChatflowError
from config.kafka import KafkaSettings, Properties, client_properties

PATIENCE = 10.0
"""Seconds to wait for a broker's answer."""
_TURN = 3.0
"""Seconds after which it is asked again, unless TLS or SASL has failed."""
_PAUSE = 0.1
"""Seconds to hear what the connections failed of."""
_REFUSALS = frozenset({KafkaError._SSL, KafkaError._AUTHENTICATION})
"""Of the errors of a connection, those that last until somebody changes a setting."""


class BrokerError(ChatflowError):
    """The brokers do not answer, or not as the flow needs."""


def ask_cluster(properties: Properties, patience: float) -> ClusterMetadata | str:
    """Ask with a client of its own which brokers and topics there are.

    Returns:
        The answer; or why there is none, in librdkafka's words: after `patience` seconds or one
        more turn, and earlier when a broker was reached and TLS or SASL came to nothing.
    """
    heard = _Overheard()
    told: dict[str, Any] = {**properties, "error_cb": heard}
    admin = AdminClient(told)
    deadline = time.monotonic() + patience
    while True:
        try:
            return admin.list_topics(timeout=min(_TURN, patience))
        except KafkaException as error:
            # The client itself only says that it has no answer; polled, it tells why.
            admin.poll(_PAUSE)
            if heard.refused or time.monotonic() >= deadline:
                return heard.reason or error.args[0].str()


def connect(kafka: KafkaSettings, patience: float = PATIENCE) -> ClusterMetadata:
    """Which brokers and topics there are.

    Raises:
        BrokerError: No broker answers; names the settings that it can be about.
    """
    cluster = ask_cluster({"log_level": 2, **client_properties(kafka)}, patience)
    if isinstance(cluster, str):
        raise BrokerError(
            f"no Kafka broker answers at {', '.join(kafka.brokers)} ({cluster}): check"
            " kafka.brokers, that the brokers run, and under kafka.properties"
            " security.protocol, ssl.ca.location, sasl.username and sasl.password"
        )
    return cluster


def has_controller(cluster: ClusterMetadata) -> bool:
    """Whether anybody answers about groups and settings of topics, or makes a topic.

    The embedded broker names a controller that is not there, and who asks it waits in vain.
    """
    return cluster.controller_id in cluster.brokers


class _Overheard:
    """What a client's connections failed of, as its `error_cb`."""

    def __init__(self) -> None:
        self.refused = False
        """Whether a broker was reached, and TLS or SASL came to nothing."""
        self.reason = ""
        """The last failure, a refusal rather than any other."""

    def __call__(self, error: KafkaError) -> None:
        """Take an error of the client."""
        refusal = error.code() in _REFUSALS
        if refusal or (error.code() != KafkaError._ALL_BROKERS_DOWN and not self.refused):
            self.reason = re.sub(r" \(after \d+ms in state \w+.*", "", error.str())
        self.refused = self.refused or refusal
