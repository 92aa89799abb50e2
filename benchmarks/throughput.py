"""The quick measure: the limit and the whole flow, and nothing else.

    python -m benchmarks.throughput --events 1000000

Takes the options of `benchmarks.suite`.
"""

import sys

from benchmarks.suite import main

if __name__ == "__main__":
    sys.exit(main(["--events", "1000000", "--programs", "raw", "flow", *sys.argv[1:]]))
