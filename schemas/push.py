"""Push notifications: what goes to a provider, and what came of it."""

import enum
import hashlib

import msgspec

from schemas.events import ChatMessage, TopicPartition


class PushRequest(msgspec.Struct, frozen=True, gc=False):
    """One notification for one user about one message; carries no content.

    `(message_id, user_id)` is the idempotency key: a request handed over twice, after a crash,
    is the same notification. Instants are milliseconds since 1970 UTC.
    """

    message_id: str
    user_id: str
    conversation_id: str
    event_type: str
    content_type: int
    created_at: int
    decided_at: int
    expires_at: int
    """Not to be delivered from this instant on: a push that late does more harm than good."""
    kafka_topic: str
    kafka_partition: int
    kafka_offset: int
    from_user: str | None = None
    group_id: str | None = None
    devices: tuple[str, ...] = ()
    """Push tokens of the user's devices; empty where the provider knows them by the user."""
    urgent: bool = False
    """A call that rings: seconds matter."""

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt, in this process and in the next.

        A digest, because clients choose the message id: no two pairs share a key, and it can stand
        in an HTTP header and in a log.
        """
        pair = msgspec.json.encode((self.message_id, self.user_id))
        return f"push_{hashlib.blake2b(pair, digest_size=16).hexdigest()}"


class Outcome(enum.StrEnum):
    """What finally became of a push request; a closed list."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    """The provider refuses it for good (a 4xx): another attempt cannot help."""
    EXPIRED = "expired"
    """It grew older than `push.max_age` while the provider was unreachable or asked to wait."""
    OVERFLOW = "overflow"
    """More requests were waiting than `push.max_pending`."""


class PushDelivery(msgspec.Struct, frozen=True, gc=False):
    """The final outcome of a push request: one row of `push_deliveries`."""

    request: PushRequest
    provider: str
    outcome: Outcome
    detail: str
    """In words, for the operator: `HTTP 410`; never content, never a token."""
    attempts: int
    at: int


class PendingPush(msgspec.Struct, frozen=True):
    """A push decided as sent whose outcome is not known, as the store remembers it."""

    source: TopicPartition
    message: ChatMessage
    user_id: str
    decided_at: int
