from cli.reference import render_commands
from tests.cli.running import PROJECT


def test_reference_is_up_to_date() -> None:
    """If not: `python -m cli.reference > docs/cli.md`."""
    assert (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8") == render_commands()
