"""The kinds of join that a flow of one shard can have, and of clients that read partitions."""

from collections.abc import Iterator

import pytest

from dataflows.clients import CompiledClient, PlainClient
from native.library import library
from tests.dataflows.client_reading import Make


@pytest.fixture(params=["join in Python", "join in C"], scope="module")
def each_join(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test once as where the library was not built, and once as where it was."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "join in Python":
            patch.setattr("dataflows.compiled_join.library", lambda: None)
        elif library() is None:
            pytest.skip("the library was not built: python -m native.build")
        yield


@pytest.fixture(params=[PlainClient, CompiledClient])
def make(request: pytest.FixtureRequest) -> Make:
    """Each kind of client in turn."""
    if request.param is CompiledClient and library() is None:
        pytest.skip("the library was not built: python -m native.build")
    found: Make = request.param
    return found
