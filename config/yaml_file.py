"""A YAML file in, what it sets out: every value with its line."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from config.errors import ConfigurationError
from config.keys import FIELDS, PROPERTIES, Mistake, Written, dotted, nearest, section_of
from config.keys import Path as KeyPath


def read_yaml(file: Path) -> list[Written | Mistake]:
    """Read the settings in a file; an unknown key, or one that stands twice, is a mistake.

    Raises:
        ConfigurationError: The file cannot be read or is not YAML; the text says where.
    """
    try:
        return list(_Reader(file, file.read_text(encoding="utf-8")).read())
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: is not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError(f"{file}{_position(error)}: {_problem(error)}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file}: is not YAML: {error}") from None


def _position(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: yaml.MarkedYAMLError) -> str:
    """The parser's words without what it quotes: that may be part of a password."""
    return "is not YAML: " + re.sub(r"'[^']{2,}'", "...", error.problem or error.context or "")


class _Reader:
    """Walks the nodes of a document beside the settings, which is what keeps the lines."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._loader = yaml.SafeLoader(text)

    def read(self) -> Iterator[Written | Mistake]:
        root = self._loader.get_single_node()
        if root is not None:
            yield from self._section((), root)

    def _origin(self, node: yaml.Node) -> str:
        return f"{self._file}, line {node.start_mark.line + 1}"

    def _section(self, path: KeyPath, node: yaml.Node) -> Iterator[Written | Mistake]:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
            return  # a heading with nothing but comments beneath
        if not isinstance(node, yaml.MappingNode):
            name = dotted(path) or "the file"
            yield Mistake(self._origin(node), f"{name} must hold keys, each with its value")
            return
        lines: dict[str, str] = {}
        for key_node, value_node in node.value:
            key, origin = str(self._value(key_node)), self._origin(key_node)
            if key in lines:
                name = dotted((*path, key))
                yield Mistake(origin, f"{name} is already set in {lines[key]}")
            lines[key] = origin
            yield from self._entry((*path, key), value_node, origin)

    def _entry(self, path: KeyPath, node: yaml.Node, origin: str) -> Iterator[Written | Mistake]:
        field = FIELDS.get(path)
        if path == PROPERTIES or (field and section_of(field)):
            yield from self._section(path, node)
        elif field or path[:-1] == PROPERTIES:
            yield Written(path, self._value(node), origin)
        else:
            known = dotted(nearest(path))
            yield Mistake(origin, f"{dotted(path)} is not a setting; the nearest is {known}")

    def _value(self, node: yaml.Node) -> object:
        try:
            return self._loader.construct_document(node)
        except ValueError:  # such as the date 2024-02-31
            return None
