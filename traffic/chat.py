"""A chat going on: each call of `Chat.next` is the next thing that somebody does."""

import heapq
from random import Random

from msgspec import UNSET

from traffic.connections import Connections, Generation, Session
from traffic.contents import direct_contents, group_contents, texts
from traffic.envelope import Event, Metadata, encode
from traffic.messages import Author
from traffic.people import People, Person, popular
from traffic.plan import SimulatedRecord, TopicKind

_POOL = 4096
_WARM = 0.4
"""Part of the people who arrive before anything else fills the topic of user events."""
_VANISHING = 0.05
"""Part of the departures that no event tells of: a crash, a dead network."""
_RETURNING = 0.25
"""Part of the departures that are followed by a return within ten seconds."""
_TRIES = 6


class Chat:
    """People who come, type, write to each other and to groups, and go.

    A third of what happens concerns each topic. About half the people are connected once the chat
    has warmed up; the first user events are arrivals.
    """

    def __init__(self, random: Random, people: People, presence_ratio: float) -> None:
        """`presence_ratio` is the part of all events that are people coming and going."""
        self._typing = 1 - 3 * presence_ratio
        self._random = random
        self._people = people
        self._connections = Connections(random)
        self._author = Author(random)
        self._returns: list[tuple[int, int]] = []
        self._texts = texts(random, _POOL)
        self._direct = direct_contents(random, _POOL)
        self._group = group_contents(random, _POOL)

    def next(self, at_ms: int) -> SimulatedRecord:
        """What happens at this instant (milliseconds since 1970, never going back)."""
        if self._returns and self._returns[0][0] <= at_ms:
            person = self._people.all[heapq.heappop(self._returns)[1]]
            if self._connections.may_open(person):
                return self._arrive(person, at_ms)
        chance = self._random.random()
        if chance < 1 / 3 or not self._connections:
            return self._user_event(at_ms)
        return self._direct_message(at_ms) if chance < 2 / 3 else self._group_message(at_ms)

    def _user_event(self, at_ms: int) -> SimulatedRecord:
        connected = len(self._connections) / len(self._people.all)
        chance = self._random.random()
        if chance < self._typing and connected > _WARM:
            return self._type(self._connections.any(), at_ms)
        # The more are connected, the likelier the next one goes: they settle at one half.
        if connected > _WARM and self._random.random() < connected:
            return self._leave(at_ms)
        person = self._newcomer()
        return self._leave(at_ms) if person is None else self._arrive(person, at_ms)

    def _newcomer(self) -> Person | None:
        """Somebody to connect: rather who is away, else a second device; None if all are here."""
        found = None
        for _ in range(_TRIES):
            person = popular(self._people.all, self._random.random())
            if self._connections.of(person) is None:
                return person
            if self._connections.may_open(person):
                found = person
        return found

    def _arrive(self, person: Person, at_ms: int) -> SimulatedRecord:
        session = self._connections.open(person, at_ms)
        metadata: dict[str, str | int | bool] = {
            "client_ip": session.address,
            "connection_time": session.connected_at,
        }
        if session.names_worker:
            metadata["worker_id"] = session.worker
        return _user_record("user_online", session, at_ms, metadata)

    def _type(self, session: Session, at_ms: int) -> SimulatedRecord:
        return _user_record("user_typing", session, at_ms, {"client_ip": session.address})

    def _leave(self, at_ms: int) -> SimulatedRecord:
        if len(self._connections) > 1 and self._random.random() < _VANISHING:
            self._connections.close_any()
        session = self._connections.close_any()
        if self._random.random() < _RETURNING:
            back_at = at_ms + 500 + int(self._random.random() * 9000)
            heapq.heappush(self._returns, (back_at, session.person.number))
        metadata: Metadata | None = None
        if session.generation is not Generation.TODAY:
            # That server writes the time of the connection under this name.
            metadata = {"client_ip": session.address, "disconnect_time": session.connected_at}
        return _user_record("user_offline", session, at_ms, metadata)

    def _direct_message(self, at_ms: int) -> SimulatedRecord:
        sender = self._connections.any()
        everyone = self._people.all
        recipient = popular(everyone, self._random.random())
        if recipient is sender.person:
            recipient = everyone[(recipient.number + 1) % len(everyone)]
        pool = self._direct if sender.names_worker else self._texts
        content = pool[int(self._random.random() * _POOL)]
        return self._author.direct(sender, recipient, content, at_ms)

    def _group_message(self, at_ms: int) -> SimulatedRecord:
        for _ in range(_TRIES):
            group = popular(self._people.groups, self._random.random())
            member = group.members[int(self._random.random() * len(group.members))]
            sender = self._connections.of(member)
            if sender is not None:
                pool = self._group if sender.names_worker else self._texts
                content = pool[int(self._random.random() * _POOL)]
                return self._author.group(sender, group, content, at_ms)
        return self._direct_message(at_ms)


def _user_record(
    event_type: str, session: Session, at_ms: int, metadata: Metadata | None
) -> SimulatedRecord:
    event = Event(
        event_type=event_type,
        timestamp=at_ms // 1000,
        user_id=session.person.user_id,
        metadata=metadata or UNSET,
        worker_id=session.worker if session.names_worker else UNSET,
    )
    return SimulatedRecord(TopicKind.USER_EVENTS, session.person.key, encode(event), at_ms)
