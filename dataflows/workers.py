"""How many workers the engine was asked for: this release writes one database from one of them."""

import argparse
from collections.abc import Mapping, Sequence

from config.errors import ConfigurationError

_CLUSTER = ("BYTEWAX_ADDRESSES", "BYTEWAX_PROCESS_ID", "BYTEWAX_POD_NAME")


def refuse_several_workers(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Stop before several workers write one DuckDB file, each with a part of the state.

    Raises:
        ConfigurationError: More than one worker was asked for; names the argument or variable.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-w", "--workers-per-process")
    parser.add_argument("-i", "--process-id")
    parser.add_argument("-a", "--addresses")
    found, _ = parser.parse_known_args(argv[1:])
    workers = found.workers_per_process or environ.get("BYTEWAX_WORKERS_PER_PROCESS", "1")
    asked = "-w" if workers.strip() != "1" else None
    if found.process_id is not None or found.addresses is not None:
        asked = "-i/-a"
    asked = asked or next((name for name in _CLUSTER if environ.get(name)), None)
    if asked is not None:
        raise ConfigurationError(
            f"{asked}: a DuckDB file has one writer, so the flow runs as one process with one"
            " worker; threads would only share its interpreter. Start it without"
        )
