"""Errors of the steps, said before the engine loses them.

The engine's processes end by a panic wherever one notices that another is gone. What was raised in
a step, and made them go, is lost among these; so it is said where it is raised.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from bytewax.dataflow import Dataflow, Operator
from bytewax.inputs import AbortExecution

_METHODS = (
    "next_batch",
    "next_awake",
    "write_batch",
    "on_batch",
    "on_notify",
    "on_eof",
    "snapshot",
)

Anything = Callable[..., Any]


def say_errors(flow: Dataflow, end: Callable[[Exception], None]) -> Dataflow:
    """Let every step of the flow tell `end` of an error, which does not return."""
    for step in _steps(flow.substeps):
        for name, found in vars(step).items():
            if name == "mapper":
                _replace(step, name, _aloud(_whole(found), end))
            elif name == "builder":
                _replace(step, name, _building(found, end))
            elif name in ("source", "sink"):
                found.build_part = _building(found.build_part, end)
    return flow


def _steps(steps: Iterable[Operator]) -> Iterable[Operator]:
    for step in steps:
        yield step
        yield from _steps(step.substeps)


def _replace(step: Operator, name: str, value: object) -> None:
    object.__setattr__(step, name, value)  # steps are frozen, but nothing has read them yet


def _building(build: Anything, end: Callable[[Exception], None]) -> Anything:
    """What makes a part or a logic, with the methods of what it makes."""

    @wraps(build)
    def built(*arguments: Any) -> Any:
        part = _aloud(build, end)(*arguments)
        for name in _METHODS:
            if hasattr(part, name):
                setattr(part, name, _aloud(getattr(part, name), end))
        return part

    return built


def _whole(mapper: Anything) -> Anything:
    """A mapper that has raised what it will raise when it returns."""

    def mapped(batch: list[Any]) -> list[Any]:
        return list(mapper(batch))

    return mapped


def _aloud(call: Anything, end: Callable[[Exception], None]) -> Anything:
    @wraps(call)
    def said(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except (StopIteration, AbortExecution):
            raise
        except Exception as error:
            end(error)
            raise

    return said
