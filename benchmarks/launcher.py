"""Runs a command and says what it used; imports nothing large.

    python -I -S launcher.py USAGE.json COMMAND...

A process inherits the peak memory of the one that starts it, as `ru_maxrss` counts: were the suite
itself to start the programs, the small ones would all seem as large as the suite.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command to its end; what it used, its descendants included, is left in the file."""
    file, *command = sys.argv[1:]
    started_at = time.time()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    used = {
        "started_at": started_at,
        "seconds": time.time() - started_at,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(file, "w") as out:
        json.dump(used, out)


if __name__ == "__main__":
    main()
