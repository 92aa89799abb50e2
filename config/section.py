"""What all sections of the settings have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A named group of settings: frozen, and closed to keys it does not know.

    The string beneath a field is its description in the reference and in editors. A field that
    may hold a credential is declared with `repr=False`: its value is then in no text we write.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # an input may be a credential
    )
