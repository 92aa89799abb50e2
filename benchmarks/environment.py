"""The surroundings that every program is run in."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.flows.rows_file import VARIABLE as STORE_VARIABLE
from config.kafka import KafkaSettings

# Without the last one programs find the bytecode of their modules, as installed ones do.
_CALLERS = ("CHAT_", "BYTEWAX_", "PYTHONDONTWRITEBYTECODE")


def environment_of(kafka: KafkaSettings, name: str, store: Path) -> Mapping[str, str]:
    """The same settings for every program, and nothing of the caller's own."""
    clean = {n: v for n, v in os.environ.items() if not n.startswith(_CALLERS)}
    topics = kafka.topics
    return {
        **clean,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), clean.get("PATH", "")]),
        "CHAT_KAFKA__BROKERS": ",".join(kafka.brokers),
        "CHAT_KAFKA__TOPICS__CHAT_MESSAGES": topics.chat_messages,
        "CHAT_KAFKA__TOPICS__USER_EVENTS": topics.user_events,
        "CHAT_KAFKA__TOPICS__GROUP_MESSAGES": topics.group_messages,
        "CHAT_KAFKA__CONSUMER__GROUP_ID": name,
        "CHAT_KAFKA__CONSUMER__STOP_AT_END": "true",
        "CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET": "earliest",
        "CHAT_STORE__URL": f"duckdb:///{store}",
        "CHAT_LOG__LEVEL": "WARNING",
        "CHAT_METRICS__PORT": "0",
        STORE_VARIABLE: str(store),
    }
