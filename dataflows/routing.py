"""Keys that the engine gives to a worker of our choice.

The engine sends a key to the worker that a hash of it says: SipHash-1-3 without a key, over the
text in UTF-8 and one byte 0xff, as Rust's `DefaultHasher` has it in the pinned engine. What must
be where the store is written gets a key that lands there.
"""

from functools import cache
from itertools import count

_MASK = (1 << 64) - 1
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


@cache
def key_for(name: str, workers: int, worker: int = 0) -> str:
    """The name itself, or the first one made from it, that belongs to this one of so many."""
    names = (f"{name}.{attempt}" if attempt else name for attempt in count())
    return next(key for key in names if worker_of(key, workers) == worker)


def worker_of(key: str, workers: int) -> int:
    """The worker that the engine gives a key to."""
    return _siphash_1_3(key.encode() + b"\xff") % workers


def _siphash_1_3(data: bytes) -> int:
    whole = len(data) // 8 * 8
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)]
    words.append((len(data) & 0xFF) << 56 | int.from_bytes(data[whole:], "little"))
    state = _START
    for word in words:
        v0, v1, v2, v3 = _round(state[0], state[1], state[2], state[3] ^ word)
        state = v0 ^ word, v1, v2, v3
    state = state[0], state[1], state[2] ^ 0xFF, state[3]
    for _ in range(3):
        state = _round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _round(v0: int, v1: int, v2: int, v3: int) -> tuple[int, int, int, int]:
    v0 = v0 + v1 & _MASK
    v1 = _left(v1, 13) ^ v0
    v2 = v2 + v3 & _MASK
    v3 = _left(v3, 16) ^ v2
    v0 = _left(v0, 32) + v3 & _MASK
    v3 = _left(v3, 21) ^ v0
    v2 = v2 + v1 & _MASK
    v1 = _left(v1, 17) ^ v2
    return v0, v1, _left(v2, 32), v3


def _left(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _MASK
