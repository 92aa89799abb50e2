"""Words that must never be read in any output, and a look for them."""

import base64
from collections.abc import Iterable

CANARIES = {
    "message": "canary-of-a-message-1f0c",
    "poison": "canary-of-poison-2e1d",
    "webhook secret": base64.b64encode(b"canary of the webhook's secret 3").decode(),
    "webhook user": "canary-user-4c3f",
    "webhook password": "canary-password-5b40",
    "webhook path": "canary-path-6a51",
    "webhook query": "canary-query-7962",
    "webhook answer": "canary-answer-8873",
    "broker password": "canary-sasl-9784",
    "other secret": "canary-other-a695",
}


def leaks(*texts: str | bytes) -> list[str]:
    """Whose canaries stand in these texts, without a canary itself."""
    whole = b"\n".join(t if isinstance(t, bytes) else t.encode() for t in texts)
    return [name for name, word in CANARIES.items() if _in_any_form(word, whole)]


def _in_any_form(word: str, text: bytes) -> bool:
    return any(form in text for form in _forms(word.encode()))


def _forms(word: bytes) -> Iterable[bytes]:
    """As it is, and in base64 wherever it begins there: what does not depend on its neighbours."""
    yield word
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + word)[4:-4]
