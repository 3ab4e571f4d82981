"""What the README, the map and the changelog say is true."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path
from typing import Any

import pytest

import rnnmagic
from rnnmagic.cli.arguments import make_parser
from rnnmagic.magics import RnnMagics
from rnnmagic.report import Report
from rnnmagic.settings import RnnCheck


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def magics() -> dict[str, Any]:
    """The functions of the magics that `%load_ext rnnmagic` adds, by name with their percent signs."""
    return {
        mark + name: getattr(RnnMagics, function)
        for mark, kind in (("%", "line"), ("%%", "cell"))
        for name, function in RnnMagics.magics[kind].items()
    }


def test_every_magic_is_in_the_readme_and_the_other_way_round(readme: str, magics: dict[str, Any]) -> None:
    assert set(re.findall(r"%%?rnn\w+", readme)) == set(magics)


def test_every_option_is_in_the_readme_and_the_other_way_round(readme: str, magics: dict[str, Any]) -> None:
    command = make_parser()
    (commands,) = [action for action in command._actions if isinstance(action.choices, dict)]
    parsers = [*(function.parser for function in magics.values()), command, *commands.choices.values()]
    options = {
        option
        for parser in parsers
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    assert set(re.findall(r"`(--[\w-]+)", readme)) == options


def test_every_word_is_in_the_readme(readme: str, magics: dict[str, Any]) -> None:
    for name, function in magics.items():
        for action in function.parser._actions:
            if not action.option_strings:
                for word in action.choices or ():
                    assert f"`{name} {word}`" in readme


def test_magics_have_help(magics: dict[str, Any]) -> None:
    for name, function in magics.items():
        assert function.__doc__, name
        assert name.lstrip("%") in function.parser.format_help(), name


def test_every_setting_is_in_the_readme_with_its_start_value(readme: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", readme, re.MULTILINE))
    traits = RnnCheck().traits(config=True)
    own = {name: traits[name].default_value for name in RnnCheck.class_own_traits(config=True)}
    assert rows == {
        name: json.dumps(value) if isinstance(value, str) else repr(value) for name, value in own.items()
    }


def test_the_api_of_the_readme_exists(readme: str) -> None:
    for name in re.findall(r"rnnmagic\.(\w+)\(", readme):
        assert callable(getattr(rnnmagic, name))
    for name in re.findall(r"report\.(\w+)\(", readme):
        assert callable(getattr(Report, name))


def test_every_extra_is_in_the_readme(readme: str) -> None:
    extras = importlib.metadata.metadata("rnnmagic").get_all("Provides-Extra") or []
    assert set(re.findall(r"^\| `(\w+)` \| [^`]*$", readme, re.MULTILINE)) == set(extras)


def test_commands_of_the_readme(root: Path, readme: str) -> None:
    """`.ci/run` reads these two out of the README; here, that they name what is there."""
    commands = dict(re.findall(r"^<!-- (\w+) -->\n```bash\n(.+?)\n```$", readme, re.MULTILINE | re.DOTALL))
    assert set(commands) == {"start", "tests"}
    notebook = re.search(r"jupyter lab (\S+)$", commands["start"])
    assert notebook is not None
    assert (root / notebook[1]).exists()
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert all(f"readme_command {name}" in script for name in commands)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (root / target).exists(), target


def test_the_map_names_every_module(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [a-z ]+ \| (`.+?) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+(?:\.py|/))`", row)}
    package = root / "rnnmagic"
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.name}/" for path in package.iterdir() if any(path.glob("*.py"))}
    assert named == modules | folders


def test_the_changelog_knows_this_version(root: Path) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {importlib.metadata.version('rnnmagic')} " in text
