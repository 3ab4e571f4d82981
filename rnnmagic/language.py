"""In which language rnnmagic speaks: gettext's catalogues, loaded when the first sentence needs one.

A message is an English sentence with named places, `say("{array} has {count} axes.", array=…, count=…)`.
The English is what stands in the code, and what is said where a catalogue has no translation, or one that
cannot be filled in. Values are only ever put into our own templates; what a notebook holds is never one.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOMAIN = "rnnmagic"
FOLDER = Path(__file__).parent / "locale"
LANGUAGES = ("auto", "en", "es")
"""What the setting takes. `"auto"` is the language of the environment, English where it is none of these."""

Catalogue = gettext.NullTranslations

_chosen = "auto"
_loaded: Catalogue | None = None
"""`None` until the first sentence; English is a catalogue without messages."""
_ENGLISH = gettext.NullTranslations()


def choose(language: str) -> None:
    """Speak this language from now on; the catalogue is loaded when it is needed.

    Raises
    ------
    ValueError
        It is none of `LANGUAGES`.
    """
    global _chosen, _loaded
    if language not in LANGUAGES:
        raise ValueError(f"the language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    if language != _chosen:
        _chosen, _loaded = language, None


def use(catalogue: Catalogue | None) -> None:
    """Speak with this catalogue, whatever was chosen; `None` goes back to the choice, and asks anew for it."""
    global _loaded
    _loaded = catalogue


def say(message: str, /, **values: object) -> str:
    """The message in the language in use, its places filled with the values.

    A message without values is said as it is, braces and all. A translation that cannot be filled with
    them gives way to the English.
    """
    catalogue = _loaded or _load()
    if catalogue is _ENGLISH:
        return message.format(**values) if values else message
    return _filled(catalogue.gettext(message), message, values)


def several(one: str, many: str, count: int, /, **values: object) -> str:
    """The message for this number of things, which stands in it as `{count}`."""
    catalogue = _loaded or _load()
    english = one if count == 1 else many
    values.setdefault("count", count)
    if catalogue is _ENGLISH:
        return english.format(**values)
    return _filled(catalogue.ngettext(one, many, count), english, values)


def later(message: str) -> str:
    """Marks a message that stands in a constant: it is translated where `say` says it."""
    return message


def _filled(told: str, english: str, values: dict[str, Any]) -> str:
    if not values:
        return told
    try:
        return told.format(**values)
    except Exception:
        # A slip in a catalogue is no reason to break a report.
        return english.format(**values)


def _load() -> Catalogue:
    global _loaded
    # Threads that come here together load the same.
    catalogue = _catalogue(_chosen)
    _loaded = catalogue
    return catalogue


def _catalogue(language: str) -> Catalogue:
    for tongue in _wanted() if language == "auto" else (language,):
        if tongue in ("en", "C", "POSIX"):
            break
        try:
            # Read here and not by `gettext.translation`, which imports more and keeps what it has read.
            with (FOLDER / tongue / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
                return gettext.GNUTranslations(file)
        except Exception:
            continue  # no such catalogue, or one that cannot be read: the next language, in the end English
    return _ENGLISH


def _wanted() -> Iterator[str]:
    """The languages of the environment in the order of gettext, `es_MX.UTF-8` as `es_MX` and `es`."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if told := os.environ.get(variable):
            for part in told.split(":"):
                name = part.split(".")[0].split("@")[0]
                # Also a folder's name: nothing else than a language gets into a path.
                if name.replace("_", "").isalnum():
                    yield from dict.fromkeys((name, name.split("_")[0]))
            return
