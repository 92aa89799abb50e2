"""What records are keyed by, who hashes the keys, and what that means for the order."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok
from inspection.partitioners import PARTITIONERS
from inspection.sample import Observed
from inspection.words import counted, many, share
from schemas.events import ChatMessage, UserEvent

_CHECK = "keys"
_ENOUGH = 8
"""Different keys from which on a partitioner can be told from chance."""
_FITS = 0.99
NO_KEY = "none"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Keys and partitioner of each topic, then the order of conversations."""
    for topic in evidence.sample.topics.names:
        records = [it for part in evidence.sample.of(topic) for it in part.records if it.event]
        if records:
            yield _scheme(topic, records, len(list(evidence.sample.of(topic))))
    yield from _conversations(evidence)


def _scheme(topic: str, records: list[Observed], partitions: int) -> Finding:
    schemes = Counter(key_scheme(it) for it in records)
    placed = placing(records, partitions)
    return ok(_CHECK, f"{topic}: key is {counted(schemes)}; partitions: {placed}")


def key_scheme(record: Observed) -> str:
    """What the key of a decoded record is."""
    if not record.key:
        return NO_KEY
    key, event = record.key.decode(errors="replace"), record.event
    if isinstance(event, UserEvent):
        return "the user" if key == event.user_id else "something else"
    if isinstance(event, ChatMessage):
        names = {
            "the group": event.group_id,
            "the recipient": event.to_user,
            "the sender": event.from_user,
            "the conversation": event.conversation_id,
        }
        return next((name for name, found in names.items() if found == key), "something else")
    return "something else"


def placing(records: Iterable[Observed], partitions: int) -> str:
    """Who chose the partitions of keyed records."""
    if partitions < 2:
        return "there is only one"
    places: dict[bytes, set[int]] = defaultdict(set)
    for record in records:
        if record.key:
            places[record.key].add(record.source.partition)
    if len(places) < _ENOUGH:
        return "too few keys to tell by what"
    pairs = [(key, place) for key, found in places.items() for place in found]
    for name, place_of in PARTITIONERS.items():
        right = sum(place_of(key, partitions) == place for key, place in pairs)
        if right >= _FITS * len(pairs):
            return f"by {name}"
    spread = sum(len(found) > 1 for found in places.values())
    if spread > (1 - _FITS) * len(places):
        return f"not by the key alone ({share(spread, len(places))} of the keys are in several)"
    return "by the key, with a hash that is not known here"


def _conversations(evidence: Evidence) -> Iterator[Finding]:
    for kind, is_group in (("direct conversations", False), ("groups", True)):
        places: dict[str, set[object]] = defaultdict(set)
        times: Counter[str] = Counter()
        for record, message in evidence.sample.messages:
            if (message.group_id is not None) is is_group:
                places[message.conversation_id].add(record.source)
                times[message.conversation_id] += 1
        long = [name for name, count in times.items() if count > 1]
        split = sum(len(places[name]) > 1 for name in long)
        if split:
            yield note(
                _CHECK,
                f"{split:,} of {many(len(long), kind, kind)} with several messages are in"
                " several partitions",
                "Kafka does not keep their order. The flow orders by the server's stamp and then"
                " by the record timestamp, so only messages of one millisecond can change places.",
                "Whoever needs the order of a conversation in Kafka keys by the conversation.",
            )
        elif long:
            yield ok(_CHECK, f"all {len(long):,} {kind} with several messages keep their order")
