"""A chat to deploy the flow beside."""

from datetime import UTC, datetime, timedelta

from config.kafka import KafkaSettings
from traffic.embedded import EmbeddedBroker
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

EVENTS = 2_000
"""Of an hour; about two thirds of them are messages."""


def talk(broker: EmbeddedBroker, hours_ago: int) -> None:
    """Let an hour of the chat happen, which is long over; nothing is sent twice."""
    plan = Plan(
        start=datetime.now(UTC) - timedelta(hours=hours_ago),
        rate=EVENTS / 3600,
        seconds=3600,
        seed=hours_ago,
        poison_ratio=0.01,
        duplicate_ratio=0,
    )
    with ChatProducer(KafkaSettings(brokers=[broker.bootstrap_servers])) as producer:
        run(plan, producer)
