"""Which language is spoken, and that a slip in a catalogue breaks nothing."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest

from rnnmagic import language
from rnnmagic.extension import _speak
from rnnmagic.language import later, say, several
from rnnmagic.settings import RnnCheck

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
ENGLISH, SPANISH = "The cell ran; no shape mistake was found.", "La celda se ejecutó"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    language.choose("auto")
    language.use(None)
    yield
    monkeypatch.undo()
    language.choose("auto")
    language.use(None)


class Broken(gettext.NullTranslations):
    """What a slip of a translator looks like."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.told = told

    def gettext(self, message: str) -> str:
        return self.told

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.told


@pytest.mark.parametrize(
    ("given", "spanish"),
    [
        ({}, False),
        ({"LANG": "es_ES.UTF-8"}, True),
        ({"LANG": "es_MX"}, True),
        ({"LANG": "es"}, True),
        ({"LANG": "es_ES@euro"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "fr_FR.UTF-8"}, False),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "es_ES.UTF-8"}, True),
        ({"LANG": "es_ES.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "gl:es:en"}, True),
        # English stands in the code and has no catalogue; whoever wants it first gets it all the same.
        ({"LANG": "es_ES.UTF-8", "LANGUAGE": "en_GB:es"}, False),
        ({"LANG": "es_ES.UTF-8", "LANGUAGE": ""}, True),
        ({"LANG": "../../es"}, False),
    ],
)
def test_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], spanish: bool
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert say(ENGLISH).startswith(SPANISH) == spanish


def test_the_setting_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "es_ES.UTF-8")
    settings = RnnCheck()
    _speak(settings)
    assert say(ENGLISH).startswith(SPANISH)
    settings.language = "en"
    assert say(ENGLISH) == ENGLISH
    settings.override(max_fixes=1)
    RnnCheck(language="es")
    assert say(ENGLISH) == ENGLISH
    settings.language = "es"
    assert say(ENGLISH).startswith(SPANISH)
    settings.language = "auto"
    assert say(ENGLISH).startswith(SPANISH)


def test_a_language_that_is_none() -> None:
    with pytest.raises(ValueError, match="klingon"):
        language.choose("klingon")


def test_numbers_have_their_plural() -> None:
    one, many = "{number} fix", "{number} fixes"
    assert [several(one, many, n, number=n) for n in (0, 1, 2)] == ["0 fixes", "1 fix", "2 fixes"]
    language.choose("es")
    assert [several(one, many, n, number=n) for n in (0, 1, 2)] == [
        "0 correcciones",
        "1 corrección",
        "2 correcciones",
    ]


def test_what_a_notebook_holds_is_no_template() -> None:
    nasty = "{x.__class__} {0} {{ }"
    assert say("Pass {code} itself", code=nasty) == f"Pass {nasty} itself"
    language.choose("es")
    assert say("Pass {code} itself", code=nasty) == f"Pasa {nasty} directamente"


@pytest.mark.parametrize("told", ["{otro}", "{", "{code.__class__}{0}", "}"])
def test_a_translation_that_cannot_be_filled_gives_way_to_the_english(told: str) -> None:
    language.use(Broken(told))
    assert say("Pass {code} itself", code="X") == "Pass X itself"
    assert several("{count} fix", "{count} fixes", 2, number=2) == "2 fixes"


def test_braces_of_a_message_without_values_stay() -> None:
    assert say("{a: 1}") == "{a: 1}"
    assert later("{a: 1}") == "{a: 1}"


def test_a_catalogue_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    folder = tmp_path / "es" / "LC_MESSAGES"  # type: ignore[operator]
    folder.mkdir(parents=True)
    (folder / "rnnmagic.mo").write_bytes(b"no catalogue")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.choose("es")
    assert say(ENGLISH) == ENGLISH
