"""Sends live traffic that was made before, so that making it takes no time from who is measured.

    python -m benchmarks.sender BROKER live --start 1767225600 --rate 20000 --seconds 30

Makes all records before `--start`, and sends each when its time has come.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.topics import plan_at, settings_for
from config.errors import ChatflowError
from config.kafka import ProducerSettings
from traffic.plan import SimulatedRecord
from traffic.producer import ChatProducer
from traffic.simulator import simulate

_LINGER_MS = 10
"""With the default a request holds a handful of records, and the broker is what is full."""
_TURN = 0.005
"""Seconds between two looks at what is due."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the records, send them, and say how many and how late the latest was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("broker")
    parser.add_argument("topics", help="name that the topics begin with")
    parser.add_argument("--start", type=float, required=True, help="seconds since 1970")
    parser.add_argument("--rate", type=float, required=True, help="events a second")
    parser.add_argument("--seconds", type=float, required=True, help="how long")
    given = parser.parse_args(arguments)
    plan = plan_at(datetime.fromtimestamp(given.start, UTC), given.rate, given.seconds)
    records = list(simulate(plan))
    if (late := time.time() - given.start) > 0:
        raise ChatflowError(f"{len(records)} records were made {late:.0f} s too late")
    kafka = settings_for(given.broker, given.topics)
    busy = kafka.model_copy(update={"producer": ProducerSettings(linger_ms=_LINGER_MS)})
    with ChatProducer(busy) as producer:
        latest = _send(records, producer)
    sys.stdout.write(
        f"{len(records):,} records in {given.seconds:.0f} s, {given.rate:,.0f} a second, the latest"
        f" {latest:.2f} s after its time\n"
    )
    return 0


def _send(records: Sequence[SimulatedRecord], producer: ChatProducer) -> float:
    """Send each record when it is due; how many seconds the latest was late."""
    names = {record.topic: str(getattr(producer.topics, record.topic)) for record in records}
    latest = 0.0
    for record in records:
        while (late := time.time() - record.recorded_at / 1000) < 0:
            producer.check()
            time.sleep(_TURN)
        latest = max(latest, late)
        producer.send(names[record.topic], record.key, record.value, 0)
    return latest


if __name__ == "__main__":
    sys.exit(main())
