"""Who is connected at the moment, with which device, to which generation of server."""

import enum
from random import Random

import msgspec

from traffic.people import Person

_WORKERS = 20
_MOST_DEVICES = 2


class Generation(enum.IntEnum):
    """How a server writes its events; in the order of their appearance."""

    OBJECT = 1
    """The payload is a JSON object; the event and its key name the sender."""
    PLAIN = 2
    """The payload is protobuf; offline events name the connection."""
    WORKERS = 3
    """Messages have an id, and every event the worker it came through."""
    TODAY = 4
    """Offline events name the worker only; groups are keyed by the sender."""


_GENERATIONS = tuple(Generation)
_PERCENT = (2, 5, 10, 83)
"""How many of the sessions are on a server of each generation."""


class Session(msgspec.Struct, frozen=True):
    """One device of a person, connected since `connected_at` (seconds since 1970)."""

    person: Person
    address: str
    connected_at: int
    worker: int
    generation: Generation
    names_worker: bool
    """Whether the server says `worker_id` with every event."""


class Connections:
    """All live sessions; a person has at most two."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._live: list[Session] = []
        self._by_person: dict[int, list[Session]] = {}

    def __len__(self) -> int:
        return len(self._live)

    def any(self) -> Session:
        """Some live session; there must be one."""
        return self._live[int(self._random.random() * len(self._live))]

    def of(self, person: Person) -> Session | None:
        """The session a person uses, if any: the older one."""
        sessions = self._by_person.get(person.number)
        return sessions[0] if sessions else None

    def may_open(self, person: Person) -> bool:
        """Whether the person has a device left to connect."""
        return len(self._by_person.get(person.number, ())) < _MOST_DEVICES

    def open(self, person: Person, at_ms: int) -> Session:
        """Connect one more device of the person, through a worker that has none of them."""
        others = self._by_person.setdefault(person.number, [])
        worker = self._random.randrange(_WORKERS)
        if others and others[0].worker == worker:
            worker = (worker + 1) % _WORKERS
        port = self._random.randrange(32768, 61000)
        (generation,) = self._random.choices(_GENERATIONS, _PERCENT)
        session = Session(
            person,
            f"{person.host}:{port}",
            at_ms // 1000,
            worker,
            generation,
            names_worker=generation >= Generation.WORKERS,
        )
        others.append(session)
        self._live.append(session)
        return session

    def close_any(self) -> Session:
        """Disconnect some device; there must be one."""
        live = self._live
        place = int(self._random.random() * len(live))
        # The last one takes the place: leaving costs the same however many are connected.
        live[place], live[-1] = live[-1], live[place]
        session = live.pop()
        self._by_person[session.person.number].remove(session)
        return session
