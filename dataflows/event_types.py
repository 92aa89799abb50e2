"""What events of each type can do to users; those that are only signs of life: see `timeline`."""

OPENING = frozenset({"user_online", "heartbeat", "user_heartbeat"})
"""Event types that open a session or renew it."""
CLOSING = "user_offline"
JOINING = frozenset({"group_join"})
LEAVING = frozenset({"group_leave"})
PUSHED_TYPES = frozenset({"message", "group_message"})
"""Event types that can cause a push; a message of an unknown type is only stored."""
