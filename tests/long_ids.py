"""Ids near the longest that the rules take, of characters that no index can pack."""

from random import Random

LONGEST = 1000
"""Bytes in UTF-8, as docs/semantics.md says."""
SIZES = (LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST)

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_OF_THREE_BYTES = range(0x4E00, 0x9FA5)


def id_of(size: int, seed: int = 0, *, wide: bool = False) -> str:
    """An id of so many bytes in UTF-8; a wide one has a third as many characters."""
    random = Random(f"{size} {seed}")
    whole, rest = divmod(size, 3) if wide else (0, size)
    characters = [chr(random.choice(_OF_THREE_BYTES)) for _ in range(whole)]
    characters += random.choices(_LETTERS, k=rest)
    return "".join(characters)
