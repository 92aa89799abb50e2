"""librdkafka's property names: those the flow owns, and whom the others concern.

librdkafka warns at every start about a consumer's property given to a producer and the reverse;
`kafka.properties` is one list for all clients, so each is given what concerns it.
"""

import logging
import re

from confluent_kafka import Consumer, KafkaError, KafkaException

from config.errors import ConfigurationError

_CREDENTIAL = r"password|secret|token|jaas|key|assertion|oauthbearer\.config|pem"

PropertyValue = str | int | float | bool

_COMMITS = "the flow commits offsets itself, after what was read is stored"

OWNED = {
    "bootstrap.servers": "use kafka.brokers",
    "metadata.broker.list": "use kafka.brokers",
    "group.id": "use kafka.consumer.group_id",
    "auto.offset.reset": "use kafka.consumer.auto_offset_reset",
    "enable.auto.commit": _COMMITS,
    "auto.commit.enable": _COMMITS,
    "auto.commit.interval.ms": _COMMITS,
    "enable.auto.offset.store": _COMMITS,
    "offset.store.method": _COMMITS,
    "enable.partition.eof": "the flow needs to see the end; use kafka.consumer.stop_at_end",
    "acks": "use kafka.producer.acks",
    "request.required.acks": "use kafka.producer.acks",
    "retries": "use kafka.producer.retries",
    "message.send.max.retries": "use kafka.producer.retries",
    "batch.size": "use kafka.producer.batch_size",
    "linger.ms": "use kafka.producer.linger_ms",
    "queue.buffering.max.ms": "use kafka.producer.linger_ms",
    "queue.buffering.max.kbytes": "use kafka.producer.buffer_memory",
}
"""Properties that `kafka.properties` may not hold, each with what to do instead."""

CONSUMER_ONLY = frozenset(
    {
        "check.crcs",
        "consume.callback.max.messages",
        "coordinator.query.interval.ms",
        "fetch.error.backoff.ms",
        "fetch.max.bytes",
        "fetch.message.max.bytes",
        "fetch.min.bytes",
        "fetch.queue.backoff.ms",
        "fetch.wait.max.ms",
        "group.instance.id",
        "group.protocol",
        "group.protocol.type",
        "group.remote.assignor",
        "heartbeat.interval.ms",
        "isolation.level",
        "max.partition.fetch.bytes",
        "max.poll.interval.ms",
        "offset.store.path",
        "offset.store.sync.interval.ms",
        "partition.assignment.strategy",
        "queued.max.messages.kbytes",
        "queued.min.messages",
        "session.timeout.ms",
    }
)

PRODUCER_ONLY = frozenset(
    {
        "batch.num.messages",
        "compression.codec",
        "compression.level",
        "compression.type",
        "delivery.report.only.error",
        "delivery.timeout.ms",
        "enable.gapless.guarantee",
        "enable.idempotence",
        "message.timeout.ms",
        "partitioner",
        "produce.offset.report",
        "queue.buffering.backpressure.threshold",
        "queue.buffering.max.messages",
        "queuing.strategy",
        "request.timeout.ms",
        "sticky.partitioning.linger.ms",
        "transaction.timeout.ms",
        "transactional.id",
    }
)


def refuse_unusable_properties(properties: dict[str, PropertyValue]) -> None:
    """Let librdkafka read the properties as at a start; certificates are opened, no broker is.

    Raises:
        ConfigurationError: librdkafka does not know a name or refuses a value.
    """
    try:
        # A logger takes the warnings about properties of the other kind of client.
        silent = logging.Logger("librdkafka")
        Consumer({**properties, "group.id": "configuration-check"}, logger=silent).close()
    except (KafkaException, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"kafka.properties: {_reason(error, properties)}. The names and values are those of"
            " librdkafka's CONFIGURATION.md."
        ) from None


def _reason(error: Exception, properties: dict[str, PropertyValue]) -> str:
    cause = error.args[0]
    text = cause.str() if isinstance(cause, KafkaError) else str(error)
    for name, value in properties.items():
        if is_credential(name):
            text = text.replace(str(value), "********")
    return text.strip().rstrip(".")


def is_credential(name: str) -> bool:
    """Whether a property's value is to be shown to nobody; a file's path is not one."""
    lowered = name.lower()
    if lowered.endswith((".location", ".url", ".file")):
        return False
    return re.search(_CREDENTIAL, lowered) is not None
