"""What C says of the join, as it stands in memory; mirrors the headers: change both."""

import ctypes
from array import array
from ctypes import c_int64, c_void_p

from native.columns import CTexts


def _integers(*names: str) -> tuple[tuple[str, type[c_int64]], ...]:
    return tuple((name, c_int64) for name in names)


def _addresses(*names: str) -> tuple[tuple[str, type[c_void_p]], ...]:
    return tuple((name, c_void_p) for name in names)


class CNames(ctypes.Structure):
    """`names` of names.h."""

    _fields_ = (
        *_integers("count"),
        ("ends", c_void_p),
        ("bytes", c_void_p),
        *_integers("used", "room", "byte_room"),
    )

    def texts(self) -> list[str]:
        """All of them."""
        if not self.count:
            return []
        ends = array("q", ctypes.string_at(self.ends, 8 * self.count))
        data = ctypes.string_at(self.bytes, self.used)
        pairs = zip([0, *ends], ends, strict=False)
        if data.isascii():  # bytes are characters, and one call reads all
            text = data.decode()
            return [text[begin:end] for begin, end in pairs]
        # A directory in YAML can name what no event can be.
        return [data[begin:end].decode(errors="surrogatepass") for begin, end in pairs]


class CRowsGiven(ctypes.Structure):
    """`rows_given` of roster.h."""

    _fields_ = (
        *_integers("count"),
        *_addresses("key_ends", "keys", "state_ends", "states"),
    )


class CCounts(ctypes.Structure):
    """`counts` of roster.h."""

    present: int
    known: int
    _fields_ = _integers("present", "known")


class CMemberships(ctypes.Structure):
    """`memberships` of join.h."""

    _fields_ = (
        ("groups", CNames),
        ("members", CNames),
        ("is_member", c_void_p),
        *_integers("room"),
    )


class CChanges(ctypes.Structure):
    """`changes` of changes.h."""

    _fields_ = (
        *_integers("count"),
        ("topic", CTexts),
        *_addresses("partition", "has_partition", "offset", "has_offset"),
        *((name, CTexts) for name in ("user_id", "status", "reason")),
        *_addresses("at"),
        *_integers("room"),
    )


class CLeft(ctypes.Structure):
    """`left` of left.h."""

    _fields_ = (
        *_integers("state_count"),
        ("keys", CTexts),
        ("states", CTexts),
        *_integers("count"),
        ("user_id", CTexts),
        ("status", CTexts),
        *_addresses("sessions", "since", "last_seen", "active_at"),
        *_integers("room"),
    )


class CCandidates(ctypes.Structure):
    """`candidates` of candidates.h."""

    _fields_ = (
        ("rows", c_void_p),
        *_integers("count"),
        ("sources", c_void_p),
        ("ends", c_void_p),
        *_integers("away_count"),
        ("away", CTexts),
        ("is_leaving", c_void_p),
        *_integers("released_count"),
        ("released", CTexts),
        *_addresses("has_returned", "released_at"),
        *_integers("source_room", "end_room", "leaving_room", "returned_room", "at_room"),
    )
