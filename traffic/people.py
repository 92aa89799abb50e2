"""Who chats: people and groups, the same for the same seed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

_T = TypeVar("_T")

_NAMES = ("alice", "bob", "chen", "dana", "emre", "fatima", "goran", "hui", "ines", "王芳", "李伟")
_PLATEAU = 10
"""The first ten are about equally popular; beyond, popularity falls with the rank (Zipf)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user; `number` is the place in `People.all`, most popular first."""

    number: int
    user_id: str
    key: bytes
    name: str
    host: str
    """The address without the port, as it stands before a port."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group; its members do not change during a run."""

    group_id: str
    key: bytes
    members: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everyone, and their groups; both ordered by popularity."""

    all: tuple[Person, ...]
    groups: tuple[Group, ...]


def populate(random: Random, users: int, groups: int, largest_group: int) -> People:
    """Invent at least two users, and groups of 2 to `largest_group` of them, most of them small."""
    everyone = tuple(_person(random, number) for number in range(users))
    largest = min(largest_group, users)
    return People(everyone, tuple(_group(random, everyone, largest) for _ in range(groups)))


def popular(among: Sequence[_T], chance: float) -> _T:
    """Choose one, the first ones rather than the last; `chance` lies in [0, 1)."""
    count = len(among)
    rank = int(_PLATEAU * ((count / _PLATEAU + 1) ** chance - 1))
    return among[min(rank, count - 1)]


def _person(random: Random, number: int) -> Person:
    user_id = _uuid(random)
    name = f"{random.choice(_NAMES)}{number}"
    octets = random.randrange(256), random.randrange(256), random.randrange(1, 255)
    host = "10.{}.{}.{}".format(*octets)
    if random.random() < 0.1:
        host = "[2001:db8:{:x}::{:x}]".format(*octets[1:])
    return Person(number, user_id, user_id.encode(), name, host)


def _group(random: Random, everyone: Sequence[Person], largest: int) -> Group:
    size = 2 + int((largest - 1) * random.random() ** 3)
    group_id = _uuid(random)
    return Group(group_id, group_id.encode(), tuple(random.sample(everyone, size)))


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
