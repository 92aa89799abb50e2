"""One database, one worker."""

import pytest

from config.errors import ConfigurationError
from dataflows.workers import refuse_several_workers

RUN = ["/somewhere/bytewax/run.py", "dataflows.chat"]


@pytest.mark.parametrize(
    ("argv", "environ", "named"),
    [
        (["-w", "2"], {}, "-w"),
        (["-w2"], {}, "-w"),
        (["-i", "0", "-a", "here:2101"], {}, "-i/-a"),
        ([], {"BYTEWAX_WORKERS_PER_PROCESS": "4"}, "-w"),
        ([], {"BYTEWAX_ADDRESSES": "here:2101;there:2101"}, "BYTEWAX_ADDRESSES"),
        ([], {"BYTEWAX_POD_NAME": "flow-1"}, "BYTEWAX_POD_NAME"),
    ],
    ids=["threads", "threads-joined", "cluster", "threads-variable", "addresses", "pod"],
)
def test_several_workers_are_refused_by_the_name_of_what_asked_for_them(
    argv: list[str], environ: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        refuse_several_workers([*RUN, *argv], environ)


@pytest.mark.parametrize("argv", [[], ["-w", "1"], ["-r", "var/recovery", "-s", "2", "-b", "0"]])
def test_one_worker_is_what_the_flow_runs_with(argv: list[str]) -> None:
    refuse_several_workers([*RUN, *argv], {})
