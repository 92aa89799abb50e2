"""Three months of a chat, the same for the same seed: what the queries are tried on."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.analytics.chat_rows import Row, Tables, change, message, person

_USERS = [f"user-{number:02}" for number in range(70)] + ["Ängström", "Zoë", "abe", "Abe"]
_GROUPS = [f"group-{number}" for number in range(8)]
_GAPS = [0, 0, 20, 45, 300, 3_600, 40_000, 86_399, 86_400, 86_401, 200_000, 400_000]
_SECOND = timedelta(seconds=1)
_Lives = dict[str, tuple[datetime, datetime]]


def chat(seed: int, begin: datetime, days: int) -> Tables:
    """What a chat leaves behind in `days` days from `begin` on."""
    rng, end = random.Random(seed), begin + timedelta(days=days)
    lives = _lives(rng, begin, end)
    messages = sorted(_messages(rng, lives, begin, end), key=lambda row: row["created_at"])
    for offset, row in enumerate(messages):
        row.update(kafka_topic="chat-messages", kafka_partition=offset % 3, kafka_offset=offset)
    changes = list(_presence_changes(rng, lives))
    decisions = list(_decisions(rng, messages))
    return {
        "messages": messages,
        "message_stats": list(_stats(rng, begin, days)),
        "presence": _presence(changes),
        "presence_changes": changes,
        "push_decisions": decisions,
        "push_deliveries": list(_deliveries(rng, decisions)),
        "dead_letters": list(_dead_letters(rng, begin, days)),
    }


def _lives(rng: random.Random, begin: datetime, end: datetime) -> _Lives:
    """When everybody comes to the chat, early or late, and when they lose interest."""
    joins = {user_id: begin + rng.randrange(86_400 * 80) * _SECOND for user_id in _USERS}
    joins |= dict.fromkeys(rng.sample(_USERS, 15), begin)
    stays = {user_id: timedelta(days=rng.choice([4, 12, 30, 200])) for user_id in _USERS}
    return {user_id: (at, min(at + stays[user_id], end)) for user_id, at in joins.items()}


def _messages(rng: random.Random, lives: _Lives, begin: datetime, end: datetime) -> Iterator[Row]:
    for _ in range(200):
        yield from _direct(rng, lives)
    for _ in range(1_200):
        at = begin + int(rng.random() * (end - begin).total_seconds()) * _SECOND
        number = int(rng.paretovariate(0.7)) % len(_GROUPS)
        kind = rng.choice(["group_message"] * 9 + ["reaction"])
        members = [name for name in _USERS[number::8] if lives[name][0] <= at < lives[name][1]]
        sender = rng.choice([*members, None])
        places = {"group_id": _GROUPS[number], "conversation_id": _GROUPS[number]}
        people = {"from_user": sender, "to_user": None}
        yield message(at, event_type=kind, **people, **places, **_sent(rng, at))


def _direct(rng: random.Random, lives: _Lives) -> Iterator[Row]:
    """A conversation of two, maybe with oneself, whose pauses are often exactly a day long."""
    pair = sorted(rng.choices(_USERS, k=2))
    at = max(lives[name][0] for name in pair) + rng.randrange(86_400 * 5) * _SECOND
    while at < min(lives[name][1] for name in pair):
        sender, other = rng.sample(pair, 2)
        kind = rng.choice(["message"] * 12 + ["message_read"])
        people = {"from_user": sender, "to_user": rng.choice([other] * 30 + [None])}
        talk = ":".join(sorted(name or "" for name in people.values()))
        yield message(at, event_type=kind, conversation_id=talk, **people, **_sent(rng, at))
        at += rng.choice(_GAPS) * _SECOND


def _sent(rng: random.Random, at: datetime) -> Row:
    kind = rng.choice([1] * 12 + [2, 3, 4, 5, 6, 7, 8])
    delay = rng.choice([-1_200, -1, 0, 3, 250, 999, 1_500, 40_000])
    return {
        "content_type": kind,
        "file_size": rng.randrange(9_000_000) if kind in (2, 3, 5) and rng.random() < 0.8 else None,
        "recorded_at": at + timedelta(milliseconds=delay),
    }


def _presence_changes(rng: random.Random, lives: _Lives) -> Iterator[Row]:
    """People come and go, some for weeks and some within a second; some never leave."""
    for user_id in rng.sample(_USERS, len(_USERS) - 3):
        at, end = lives[user_id]
        stays = rng.choice([600, 30_000, 86_400, 1_500_000])
        while at < end:
            yield change(user_id, "online", at)
            at += rng.choice([0, 1, stays, rng.randrange(1, stays), stays]) * _SECOND
            if at < end:
                yield change(user_id, "offline", at)
            at += rng.choice([0, 3_600, 86_400, rng.randrange(1, 9 * 86_400)]) * _SECOND


def _presence(changes: list[Row]) -> list[Row]:
    last = {row["user_id"]: row for row in changes}
    return [person(row["user_id"], row["status"], row["at"]) for row in last.values()]


def _decisions(rng: random.Random, messages: list[Row]) -> Iterator[Row]:
    for row in rng.sample(messages, len(messages) // 3):
        for user_id in rng.sample(_USERS, rng.choice([1, 1, 2])):
            sent = rng.random() < 0.6
            yield {
                **{name: row[name] for name in ("kafka_topic", "kafka_partition", "kafka_offset")},
                "message_id": row["message_id"],
                "user_id": user_id,
                "decision": "sent" if sent else "suppressed",
                "reason": "offline" if sent else rng.choice(["muted", "online", "stale", "sender"]),
                "provider": "webhook" if sent else None,
                "decided_at": row["recorded_at"] + timedelta(milliseconds=rng.randrange(90_000)),
            }


def _deliveries(rng: random.Random, decisions: list[Row]) -> Iterator[Row]:
    outcomes = ["delivered"] * 8 + ["rejected", "expired", "overflow"]
    for row in decisions:
        if row["decision"] == "sent" and rng.random() < 0.9:
            same = {name: row[name] for name in row if name not in ("decision", "reason")}
            at = same.pop("decided_at") + timedelta(milliseconds=rng.randrange(-500, 30_000))
            outcome, attempts = rng.choice(outcomes), rng.choice([1, 1, 1, 2, 7])
            yield same | {"outcome": outcome, "detail": "", "attempts": attempts, "at": at}


def _stats(rng: random.Random, begin: datetime, days: int) -> Iterator[Row]:
    for minute in rng.sample(range(days * 1_440), 900):
        start = begin + timedelta(minutes=minute)
        for group_id in rng.sample(["", *_GROUPS], rng.choice([1, 2, 3])):
            yield {
                "window_start": start,
                "window_end": start + timedelta(seconds=rng.choice([60, 60, 60, 300])),
                "event_type": "group_message" if group_id else "message",
                "content_type": 1,
                "group_id": group_id,
                "messages": rng.randrange(1, 20),
                "senders": 1,
                "bytes": rng.randrange(100_000),
                "closed": rng.random() < 0.95,
                "revision": rng.choice([0, 0, 0, 0, 1, 4]),
            }


def _dead_letters(rng: random.Random, begin: datetime, days: int) -> Iterator[Row]:
    for offset in range(400):
        yield {
            "kafka_topic": rng.choice(["chat-messages", "user-events"]),
            "kafka_partition": rng.randrange(3),
            "kafka_offset": offset,
            "reason": rng.choice(["invalid_json", "empty_value", "missing_user"]),
            "detail": "",
            "headers": "[]",
            "at": begin + timedelta(milliseconds=rng.randrange(days * 86_400_000)),
        }
