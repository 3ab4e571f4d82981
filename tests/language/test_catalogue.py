"""The catalogues hold what the source says, nothing else, and every translation can be filled in."""

from __future__ import annotations

import ast
import gettext
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import catalogue
import pytest
from babel.messages import Message

from rnnmagic.diagnosis import base
from rnnmagic.views import wording

LANGUAGES = catalogue.languages()
HOW = "run `python tests/language/catalogue.py` and translate what it lists"
TYPICAL = {
    "array": "X_train",
    "second_array": "y_train",
    "x_array": "X_train",
    "name": "X_train",
    "shape": "(1000, 20, 3)",
    "whole": "(1000, 20, 1)",
    "timesteps": "20 timesteps",
    "features": "3 features",
    "columns": "3 columns",
    "outputs": "10 outputs",
    **dict.fromkeys(("layer", "head", "rnn", "culprit", "maker", "both", "last"), "LSTM 'lstm_1'"),
    **dict.fromkeys(("rows", "width"), "1000"),
    # Names and code of any length: the title is cut behind them, in English too.
    **dict.fromkeys(("told", "code", "names", "joined", "changes", "written", "title", "one", "short"), "x"),
}


def test_there_is_one() -> None:
    assert "es" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_what_the_source_says(language: str) -> None:
    said = {message.id for message in catalogue.extracted() if message.id}
    held = {message.id for message in catalogue.read(language) if message.id}
    assert not said - held, HOW
    assert not held - said, HOW
    assert not catalogue.read(language).obsolete, HOW


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated(language: str) -> None:
    read = catalogue.read(language)
    assert not read.fuzzy
    for message in _messages(language):
        assert all(_pairs(message)), message.id
        assert not message.fuzzy, message.id
        assert message.string != message.id or _is_a_name(message), message.id


def _is_a_name(message: Message) -> bool:
    """The same word, or code, in both languages."""
    code = ("(", "=", "[", "array", "variable", "{command}", "Notice")
    return any(word in str(message.id) for word in code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_those_of_the_english(language: str) -> None:
    for message in _messages(language):
        for english, told in _pairs(message):
            assert _places(told) == _places(english), told
            assert told.endswith(".") == english.endswith("."), told
            assert told.strip() == told, told


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    with (catalogue.LOCALE / language / "LC_MESSAGES" / "rnnmagic.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in _messages(language):
        if isinstance(message.id, tuple):
            found = tuple(compiled.ngettext(*message.id, count) for count in (1, 2))
            assert found == tuple(message.string), HOW
        else:
            assert compiled.gettext(message.id) == message.string, HOW


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_fit_on_a_button(language: str) -> None:
    """With names and sizes of usual length; longer ones are cut, as they are in English."""
    read = catalogue.read(language)
    titles = {title for path in _sources() for title in _titles(path)}
    assert len(titles) > 100
    for title in titles:
        message = read.get(title)
        assert message is not None and isinstance(message.string, str), title
        told = message.string.format(**{name: TYPICAL.get(name, "20") for name in _places(title)})
        assert len(told) <= 60, told


def test_every_call_fills_the_places_of_its_message() -> None:
    """And none stands within an f-string, where no tool would find it."""
    for path in _sources():
        for call in _calls(_tree(path), path):
            values = {keyword.arg for keyword in call.keywords}
            messages = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            places = {name for message in messages for name in _places(str(message))}
            if not messages or None in values or _called(call) == "later":
                continue
            known = {"count"} if _called(call) == "several" else set()
            assert places - known == values - known, f"{path.name}:{call.lineno}"


def test_counted_words_are_known() -> None:
    """`plural(n, "timestep")` and `count(n, "sequence")` take words that have a plural in every language."""
    for path in _sources():
        for node in ast.walk(_tree(path)):
            if not isinstance(node, ast.Call) or len(node.args) != 2:
                continue
            word = node.args[1]
            name = ast.unparse(node.func)
            if isinstance(word, ast.Constant) and name == "plural":
                assert base.plural(2, word.value) == f"2 {word.value}{'es' if word.value == 'class' else 's'}"
            elif isinstance(word, ast.Constant) and name in ("count", "wording.count"):
                assert wording.count(1, word.value) == f"1 {word.value}"


def _messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue.read(language) if message.id)


def _pairs(message: Message) -> list[tuple[str, str]]:
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string, strict=True))
    return [(message.id, message.string)] if message.string else [()]  # type: ignore[list-item]


def _places(text: str) -> set[str]:
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    assert all(name.isidentifier() for name in found), text
    return found


def _sources() -> list[Path]:
    return sorted(catalogue.PACKAGE.rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _calls(tree: ast.AST, path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner = [_called(one) for one in ast.walk(node) if isinstance(one, ast.Call)]
            assert not {"say", "several", "later"} & set(inner), f"{path.name}:{node.lineno}: in an f-string"
        elif isinstance(node, ast.Call) and _called(node) in ("say", "several", "later"):
            yield node


def _titles(path: Path) -> Iterator[str]:
    """Messages that a candidate has for its title: the second argument, `title=`, or cut to 60 characters."""
    for node in ast.walk(_tree(path)):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            found += [keyword.value for keyword in node.keywords if keyword.arg == "title"]
            if _called(node) == "Candidate" and len(node.args) > 1:
                found.append(node.args[1])
            if _called(node) == "fix" and len(node.args) > 2:
                found.append(node.args[2])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.slice) == ":60":
            found.append(node.value)
        for tree in found:
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and _called(call) == "say":
                    first = call.args[0]
                    if isinstance(first, ast.Constant):
                        yield str(first.value)
