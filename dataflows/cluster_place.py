"""Which process of the engine's cluster this is."""

import argparse
from collections.abc import Mapping, Sequence

_PROCESS_ID = "BYTEWAX_PROCESS_ID"


def process_id(argv: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """Its number, by the engine's own option or variable; None where it is alone."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-i", "--process-id", default=environ.get(_PROCESS_ID))
    found = parser.parse_known_args(argv[1:])[0].process_id
    return int(found) if found is not None and found.isdecimal() else None
