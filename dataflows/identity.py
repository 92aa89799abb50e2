"""Whether the topics are still those that the flow began to read: rules on what brokers say."""

import logging
from collections.abc import Mapping

from config.errors import ChatflowError
from dataflows.broker import NO_TOPIC, TopicFacts

log = logging.getLogger(__name__)

STEP = "source.topics"
"""Under which the store keeps the id of each topic that was read."""
GONE_AFTER = 10.0
"""Seconds for which brokers must deny a topic: one that has just started may not know it yet."""


class TopicError(ChatflowError):
    """A topic is not the one that was read before."""


def refuse_another(topic: str, known: str | None, found: TopicFacts) -> None:
    """Stop before the offsets of one topic are taken for those of another.

    Raises:
        TopicError: A topic of this name was read before, and this is not it.
    """
    if known is not None and known != found.topic_id:
        raise TopicError(
            f"the topic {topic} was deleted and created again (its id was {known}, now it is"
            f" {found.topic_id}), or this is another cluster: offsets begin again. Use another"
            " store.url for the new topic"
        )


class Identity:
    """What the topics were when the flow began to read, against what they are meanwhile."""

    def __init__(self, known: Mapping[str, TopicFacts]) -> None:
        self._known = dict(known)
        self._missing: dict[str, float] = {}

    def check(self, found: Mapping[str, TopicFacts], now: float) -> None:
        """Take what the brokers say at a time in seconds; warns once of new partitions.

        Raises:
            TopicError: A topic was deleted, or deleted and created again.
        """
        # Denied without an answer in between; silence is none.
        self._missing = {t: s for t, s in self._missing.items() if found.get(t) == NO_TOPIC}
        for topic, facts in found.items():
            if facts == NO_TOPIC:
                since = self._missing.setdefault(topic, now)
                if now - since >= GONE_AFTER:
                    raise TopicError(
                        f"the topic {topic} was deleted while it was read; what was read of it is"
                        " stored. Name the topic to read instead under kafka.topics; a new one of"
                        " the same name needs another store.url"
                    )
                continue
            known = self._known.setdefault(topic, facts)
            refuse_another(topic, known.topic_id, facts)
            if facts.partitions > known.partitions:
                self._known[topic] = facts
                log.warning(
                    "%s has %d partitions now and %d are read: start the flow again to read the"
                    " new ones from their beginning",
                    topic,
                    facts.partitions,
                    known.partitions,
                    extra={"topic": topic},
                )
