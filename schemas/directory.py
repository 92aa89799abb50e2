"""Who is in which group, how users are reached, and what they do not want to hear of."""

import msgspec


class UserEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user in the directory file."""

    devices: tuple[str, ...] | None = None
    """Push tokens. None: the provider knows the devices; empty: the user has none."""
    muted: frozenset[str] = frozenset()
    """Conversations (a group, or the two users of a direct one) without pushes."""
    mute_all: bool = False


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The directory file. A group that is not listed has the members seen in the traffic."""

    groups: dict[str, frozenset[str]] = {}
    users: dict[str, UserEntry] = {}

    def entry(self, user_id: str) -> UserEntry:
        """What is said of a user; nothing restricts one who is not listed."""
        return self.users.get(user_id, _UNLISTED)


_UNLISTED = UserEntry()
