"""Whom to push, and why not: rules on values, with the time passed in."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.settings import PushSettings
from schemas.directory import Directory
from schemas.events import SIGNALLING, ChatMessage, TopicPartition
from schemas.push import PushRequest

_INVITE = "call-invite"


class Reason(enum.StrEnum):
    """Why a push was sent or not: `push_decisions.reason`, a closed list.

    Where several hold, the first in this order is given.
    """

    SENDER = "sender"
    """Nobody is told of what they sent themselves."""
    SIGNALLING = "signalling"
    """The technical part of a call; only its invite rings."""
    ONLINE = "online"
    """The user was back within the grace, and so has the message itself."""
    MUTED = "muted"
    """The user does not want to hear of this conversation."""
    NO_DEVICE = "no_device"
    """The directory lists no device of the user."""
    STALE = "stale"
    """Older than `push.max_age` when decided: a backlog must not become a storm."""
    OFFLINE = "offline"
    """The reason to send."""


@dataclass(frozen=True)
class Policy:
    """What is pushed, to whom, and until when. Spans are milliseconds."""

    directory: Directory
    max_age: int
    call_max_age: int
    provider: str
    """Name of the provider that decisions are recorded with."""

    def reasons(
        self, message: ChatMessage, users: Sequence[str], now: int, *, returned: bool
    ) -> list[Reason]:
        """Why each of these recipients is sent a push or not, in their order.

        Args:
            message: What was sent.
            users: Recipients who were offline then.
            now: The wall clock: a push that is too old now is not sent.
            returned: Whether they were back within the grace.
        """
        general = self._for_all(message, now, returned=returned)
        found = [general] * len(users)
        if self._may_differ(general):
            found = [self._for_one(message, user_id, general) for user_id in users]
        if message.from_user in users:
            found[users.index(message.from_user)] = Reason.SENDER
        return found

    def shared_reason(
        self, message: ChatMessage, users: Sequence[str], now: int, *, returned: bool
    ) -> Reason | None:
        """The one reason of all these recipients; None where `reasons` must tell them apart.

        Nearly always there is one, and then no list of reasons is made, and none is compared.
        """
        general = self._for_all(message, now, returned=returned)
        return None if self._may_differ(general) or message.from_user in users else general

    def _may_differ(self, general: Reason) -> bool:
        return bool(self.directory.users) and general in (Reason.STALE, Reason.OFFLINE)

    def _for_all(self, message: ChatMessage, now: int, *, returned: bool) -> Reason:
        max_age = self.max_age
        if message.content_type in SIGNALLING:
            if not _rings(message):
                return Reason.SIGNALLING
            max_age = self.call_max_age
        if returned:
            return Reason.ONLINE
        return Reason.STALE if now >= message.event_time + max_age else Reason.OFFLINE

    def _for_one(self, message: ChatMessage, user_id: str, general: Reason) -> Reason:
        entry = self.directory.entry(user_id)
        if entry.mute_all or message.conversation_id in entry.muted:
            return Reason.MUTED
        if entry.devices is not None and not entry.devices:
            return Reason.NO_DEVICE
        return general

    def request(
        self, source: TopicPartition, message: ChatMessage, user_id: str, decided_at: int
    ) -> PushRequest:
        """The notification for one user; it carries no content."""
        return PushRequest(
            message_id=message.message_id,
            user_id=user_id,
            conversation_id=message.conversation_id,
            event_type=message.event_type,
            content_type=message.content_type,
            created_at=message.created_at,
            decided_at=decided_at,
            expires_at=self._expires_at(message),
            kafka_topic=source.topic,
            kafka_partition=source.partition,
            kafka_offset=message.kafka_offset,
            from_user=message.from_user,
            group_id=message.group_id,
            devices=self.directory.entry(user_id).devices or (),
            urgent=_rings(message),
        )

    def _expires_at(self, message: ChatMessage) -> int:
        return message.event_time + (self.call_max_age if _rings(message) else self.max_age)


def _rings(message: ChatMessage) -> bool:
    return message.content_type in SIGNALLING and _INVITE in message.content


def policy_of(settings: PushSettings, directory: Directory) -> Policy:
    """The push policy that the settings and the directory make."""
    step = timedelta(milliseconds=1)
    return Policy(
        directory, settings.max_age // step, settings.call_max_age // step, settings.provider
    )
