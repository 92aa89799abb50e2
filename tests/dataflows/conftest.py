"""The kinds of join that a flow of one shard can have."""

from collections.abc import Iterator

import pytest

from native.library import library


@pytest.fixture(params=["join in Python", "join in C"], scope="module")
def each_join(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test once as where the library was not built, and once as where it was."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "join in Python":
            patch.setattr("dataflows.compiled_join.library", lambda: None)
        elif library() is None:
            pytest.skip("the library was not built: python -m native.build")
        yield
