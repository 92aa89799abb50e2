"""How many processes, partitions and connections, and how much memory and disk, so many users need.

    python -m benchmarks.sizing --users 2_000_000 --messages 20
    python -m benchmarks.sizing --publish

Computed from what was measured: `benchmarks/results/footprint.json`, and the CPU time of the steps
from `benchmarks/results/results.json` where that is published. `--publish` writes the tables of
three sizes into docs/scaling.md.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from benchmarks.demand import Assumptions, Need, need
from benchmarks.measure import ROOT
from benchmarks.measured import Costs, read_costs
from benchmarks.results import replaced

RESULTS = ROOT / "benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "scaling.md"
SIZES = (10_000, 1_000_000, 100_000_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or publish them."""
    given = _parser().parse_args(arguments)
    changes = {
        field.name: getattr(given, field.name)
        for field in fields(Assumptions)
        if getattr(given, field.name) is not None
    }
    costs = read_costs(RESULTS)
    if given.publish:
        DOCUMENT.write_text(published(DOCUMENT, costs), encoding="utf-8")
    else:
        print(tables(given.users or SIZES, replace(Assumptions(), **changes), costs))
    return 0


def published(document: Path, costs: Costs) -> str:
    """The document with the tables of the three sizes in their place."""
    return replaced(f"\n{tables(SIZES, Assumptions(), costs)}\n", document, "sizing")


def tables(sizes: Sequence[int], given: Assumptions, costs: Costs) -> str:
    """What is assumed, what was measured, and what follows, in Markdown."""
    needs = [need(users, given, costs) for users in sizes]
    assumed = [[name, value] for name, value in given.told()]
    measured = [[name, value] for name, value in costs.told()]
    heads = ["daily users", *(f"{users:,}" for users in sizes)]
    return "\n\n".join(
        (
            _table(["assumed", "value"], assumed),
            _table([f"measured, on {costs.machine}", "value"], measured),
            _table(heads, _rows(needs)),
        )
    )


def _rows(needs: Sequence[Need]) -> list[list[str]]:
    columns = [each.told() for each in needs]
    names = [name for name, _ in columns[0]]
    return [[name, *(column[at][1] for column in columns)] for at, name in enumerate(names)]


def _table(heads: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *("---:" for _ in heads[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, nargs="+", help="daily users, instead of the three")
    parser.add_argument("--publish", action="store_true", help=f"write to {DOCUMENT.name}")
    for field in fields(Assumptions):
        option = "--" + field.name.replace("_", "-")
        parser.add_argument(option, type=float, help=field.metadata["says"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
