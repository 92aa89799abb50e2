"""What a webhook request says and how it is signed: see docs/push.md."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from config.errors import ConfigurationError
from schemas.push import PushRequest

_SECRET_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)
"""Sizes of a secret that Standard Webhooks allows."""
_BAD_SECRET = (
    "The push webhook's secret must be whsec_ followed by 24 to 64 random bytes in base64, or two "
    'such secrets with a space between. To make one: python -c "import base64, secrets; '
    "print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\""
)


class WebhookBody(msgspec.Struct, frozen=True):
    """The JSON object of one request; instants are RFC 3339 in UTC."""

    idempotency_key: str
    message_id: str
    user_id: str
    conversation_id: str
    event_type: str
    content_type: int
    from_user: str | None
    group_id: str | None
    created_at: str
    expires_at: str
    devices: Sequence[str]
    urgent: bool


def webhook_body(request: PushRequest) -> bytes:
    """The bytes that are signed and sent."""
    return msgspec.json.encode(
        WebhookBody(
            idempotency_key=request.idempotency_key,
            message_id=request.message_id,
            user_id=request.user_id,
            conversation_id=request.conversation_id,
            event_type=request.event_type,
            content_type=request.content_type,
            from_user=request.from_user,
            group_id=request.group_id,
            created_at=_rfc3339(request.created_at),
            expires_at=_rfc3339(request.expires_at),
            devices=request.devices,
            urgent=request.urgent,
        )
    )


def signing_keys(secret: str) -> tuple[bytes, ...]:
    """The keys in a secret: `whsec_` and base64; two, separated by a space, during a change.

    Raises:
        ConfigurationError: It is something else; the text never shows it.
    """
    keys = tuple(_signing_key(part) for part in secret.split())
    if not keys:
        raise ConfigurationError(_BAD_SECRET)
    return keys


def signature(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one `v1` signature a key, separated by spaces.

    Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers":
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _signing_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ConfigurationError(_BAD_SECRET)
    return key


def _rfc3339(milliseconds: int) -> str:
    instant = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
