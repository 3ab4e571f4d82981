#!/usr/bin/env python3
"""Bring the catalogues in `rnnmagic/locale/` up to date with the source, and compile them.

    python tests/language/catalogue.py          # what is new stands in the .po files with an empty translation

Sentences that are no longer said go; translations stay, and nothing is guessed from similar sentences.
The files hold no dates, places or versions, so that they change only when a sentence does.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[2] / "rnnmagic"
LOCALE = PACKAGE / "locale"
HEADER = "# What rnnmagic says, in another language. CONTRIBUTING.md says how to bring it up to date."
KEYWORDS = {"say": None, "later": None, "several": (1, 2)}


class Plain(Catalog):
    """A catalogue whose header says what gettext needs, and nothing of when and by what it was made."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [
            ("Project-Id-Version", "rnnmagic"),
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def languages() -> list[str]:
    """Those that there is a catalogue for."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/rnnmagic.po"))


def extracted() -> Catalog:
    """All sentences of the package, without translations."""
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS):
        found.add(message)
    return found


def read(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "rnnmagic.po").open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The sentences of the source, with the translations that the catalogue has of them."""
    old, new = read(language), Plain(language, header_comment=HEADER, fuzzy=False)
    for message in extracted():
        if message.id:
            known = old.get(_key(message.id))
            added = new.add(
                message.id, known.string if known is not None and known.id == message.id else None
            )
            added.flags.discard("python-format")  # `%rnnfix` is none
    return new


def texts(catalogue: Catalog) -> tuple[str, bytes]:
    """The .po and the .mo of a catalogue."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=110, no_location=True, sort_output=True)
    write_mo(mo, catalogue)
    return po.getvalue().decode(), mo.getvalue()


def _key(message_id: object) -> str:
    return str(message_id[0] if isinstance(message_id, (list, tuple)) else message_id)


def main() -> None:
    for language in sys.argv[1:] or languages():
        folder = LOCALE / language / "LC_MESSAGES"
        catalogue = updated(language)
        po, mo = texts(catalogue)
        (folder / "rnnmagic.po").write_text(po, encoding="utf-8")
        (folder / "rnnmagic.mo").write_bytes(mo)
        empty = [_key(message.id) for message in catalogue if message.id and not _whole(message.string)]
        print(f"{language}: {len(catalogue)} sentences, {len(empty)} without a translation")
        for told in empty:
            print(f"  {told}")


def _whole(translation: object) -> bool:
    return all(translation) if isinstance(translation, (list, tuple)) else bool(translation)


if __name__ == "__main__":
    main()
