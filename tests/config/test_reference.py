from pathlib import Path

from config.keys import FIELDS, section_of
from config.reference import render_reference

REFERENCE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_reference_is_up_to_date() -> None:
    """If not: `chatflow config reference > docs/settings.md`."""
    assert REFERENCE.read_text(encoding="utf-8") == render_reference()


def test_every_setting_says_what_it_means() -> None:
    settings = {key: field for key, field in FIELDS.items() if section_of(field) is None}
    assert [key for key, field in settings.items() if not field.description] == []
