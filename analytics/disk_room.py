"""Room on the disk of the outputs: where the flow writes there too, a full one would stop it."""

import shutil
from pathlib import Path

_PART_KEPT = 20
"""What stays free is the size of the database by this."""
_KEPT = 64 * 2**20
"""But so many bytes at least: an epoch may make a small database grow by a good part of it."""


def spare(folder: Path, database_size: int) -> int:
    """Bytes that copies and unfinished queries may take there, so that enough stays free."""
    kept = max(database_size // _PART_KEPT, _KEPT)
    return max(shutil.disk_usage(folder).free - kept, 0)
