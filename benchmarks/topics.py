"""The topics that every program reads: simulated traffic, the same for the same plan."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.kafka import KafkaSettings, TopicsSettings
from sinks.topics import create_topics
from tests.kafka_server import KafkaServer
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_RATE = 2_000.0
"""Events a second of event time: the fewer, the smaller the aligned batches."""
_PEOPLE = 20_000
"""Users, and groups, of the traffic."""
_COMING_AND_GOING = 40.0
"""Times a second: half of the users are connected then, each for about eight minutes."""
_LARGEST_GROUP = 24
"""A push candidate for every three events or so, over two million of them."""
_AGE = timedelta(hours=1)
"""How old the newest event is: every push is stale, so that none is handed to a provider."""
DEAD_LETTER_SUFFIX = ".dlq"


@contextlib.contextmanager
def brokers(address: str | None, folder: Path) -> Iterator[str]:
    """The address of these brokers, or of one that is started in the folder for the time being."""
    if address is not None:
        yield address
        return
    with KafkaServer(folder) as server:
        yield server.bootstrap_servers


def settings_for(bootstrap_servers: str, name: str) -> KafkaSettings:
    """The brokers, and topics of that name."""
    topics = TopicsSettings(
        chat_messages=f"{name}-chat-messages",
        user_events=f"{name}-user-events",
        group_messages=f"{name}-group-messages",
    )
    return KafkaSettings(brokers=[bootstrap_servers], topics=topics)


def make_topics(address: str, name: str) -> KafkaSettings:
    """Make the topics of that name, and those of their dead letters."""
    kafka = settings_for(address, name)
    create_topics(kafka, dead_letter_suffix=DEAD_LETTER_SUFFIX)
    return kafka


def plan_at(start: datetime, rate: float, seconds: float) -> Plan:
    """The people of all measures: the more events a second, the more each of them writes."""
    return Plan(
        start=start,
        rate=rate,
        seconds=seconds,
        users=_PEOPLE,
        groups=_PEOPLE,
        largest_group=_LARGEST_GROUP,
        presence_ratio=min(_COMING_AND_GOING / rate, 1 / 3),
    )


def plan_of(events: int) -> Plan:
    """So many events, the last of them more than an hour ago.

    None is sent twice: the peers do not look for repeats, and their totals have to agree.
    """
    seconds = events / _RATE
    # A whole minute, so that windows hold the same events whenever it runs.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    start = now - _AGE - timedelta(minutes=math.ceil(seconds / 60))
    return replace(plan_at(start, _RATE, seconds), duplicate_ratio=0.0)


def preload(kafka: KafkaSettings, plan: Plan) -> int:
    """Fill the topics, which are there and empty; returns how many records they hold then."""
    with ChatProducer(kafka) as producer:
        return run(plan, producer).total
