"""Play some cells under a catalogue that shouts, and say what was not shouted: English that no catalogue reaches.

Run in a process of its own, with the file to write the findings to. Every message is in capitals, so that
whatever stands in small letters, and is no code of the cell's, is said past the catalogues.
"""

from __future__ import annotations

import contextlib
import gettext
import html
import io
import json
import re
import string
import sys
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

import rnnmagic
from rnnmagic import language
from rnnmagic.views.html import render_html
from rnnmagic.views.text import render_text

PRELUDE = """
import numpy as np, keras, tensorflow as tf
from keras import layers
tf.config.run_functions_eagerly(True)
rng = np.random.default_rng(1)
FLAT, X_train, y_train = rng.normal(size=(32, 60)), rng.normal(size=(32, 20, 3)), rng.normal(size=(32, 1))
LABELS = rng.integers(0, 3, size=32)
RAGGED = [rng.normal(size=n) for n in (3, 5, 4, 9)]
def build(*inner, loss="mse", shape=(20, 3), **more):
    model = keras.Sequential([keras.Input(shape), *(inner or (layers.LSTM(4, name="rnn"), layers.Dense(1, name="head")))])
    model.compile("adam", loss, **more)
    return model
"""
CELLS = {
    "flat": "model = build()\nmodel.fit(FLAT, y_train, verbose=0)",
    "turned": "model = build()\nmodel.predict(X_train.transpose(0, 2, 1), verbose=0)",
    "counts": "model = build()\nmodel.fit(X_train, y_train[:25], verbose=0)",
    "one-hot": "model = build(layers.LSTM(4), layers.Dense(3, activation='softmax'), loss='categorical_crossentropy')\nmodel.fit(X_train, LABELS, verbose=0)",
    "stack": "model = build(layers.LSTM(4, name='one'), layers.LSTM(4, name='two'))",
    "ragged": "X = np.array(RAGGED)",
    "sample": "model = build()\nmodel.predict(X_train[0], verbose=0)",
    "windows": "model = build()\nmodel.fit(rng.normal(size=(90, 3)).cumsum(axis=0), rng.normal(size=(90, 1)), verbose=0)",
    "features": "model = build()\nmodel.fit(rng.normal(size=(32, 20, 5)), y_train, verbose=0)",
    "dataset": "model = build()\ndata = tf.data.Dataset.from_tensor_slices((X_train, y_train))\nmodel.fit(data, verbose=0)",
    "inputs": "a, b = keras.Input((20, 3), name='series'), keras.Input((2,), name='table')\nboth = layers.Concatenate()([layers.LSTM(4)(a), b])\nmodel = keras.Model([a, b], layers.Dense(1)(both))\nmodel.compile('adam', 'mse')\nmodel.fit([rng.normal(size=(32, 2)), X_train], y_train, verbose=0)",
    "merged": "a = keras.Input((20, 3))\nlayers.Add()([layers.LSTM(4)(a), layers.LSTM(6)(a)])",
    "stretched": "model = build(layers.LSTM(4, return_sequences=True), layers.Dense(1))\nmodel.fit(X_train, y_train, verbose=0)",
    "later": "model = build()\nmodel.fit(X_train, y_train, validation_data=(X_train[:, :, :2], y_train), verbose=0)",
    "other": "1 / 0",
}
"""One for each of the commonest ways to go wrong, a silent one, one that comes later, and one that is none."""


class Shouting(gettext.NullTranslations):
    """Messages in capitals, their places as they were."""

    def gettext(self, message: str) -> str:
        return "".join(
            text.upper() + ("" if name is None else f"{{{name}}}")
            for text, name, _, _ in string.Formatter().parse(message)
        )

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


def said(report: Any) -> dict[str, str]:
    """All that a report says, and what the views make of it."""
    told = {"summary": report.summary or "", "trouble": report.trouble or "", "ahead": report.ahead or ""}
    told |= {f"advice {n}": text for n, text in enumerate(report.advice)}
    fixes = [*report.fixes, *(fix for notice in report.warnings for fix in notice.fixes)]
    for n, fix in enumerate(fixes):
        told |= {f"title {n}": fix.title, f"why {n}": fix.why, f"caution {n}": fix.caution or ""}
        for name, parameter in (fix.parameters or {}).items():
            told[f"parameter {n} {name}"] = parameter.label
    told |= {f"notice {n}": notice.summary for n, notice in enumerate(report.warnings)}
    page = re.sub(r"<style>.*?</style>", "", render_html(report), flags=re.S)
    told["html"] = html.unescape(re.sub(r"<[^>]+>", " \n ", page))
    told["text"] = render_text(report, 2000)
    return told


def small(text: str, source: str) -> list[str]:
    """Words in small letters that do not stand in the cell, nor in Python that a fix writes."""
    # `(samples, features, timesteps)` is Keras's own way to write a shape.
    text = re.sub(r"\((?:samples|timesteps|features|, )+\)", "", text)
    words = re.findall(r"(?<![\w.'\"=(/])[a-z]{2,}(?![\w(=.'\"])", text)
    return [word for word in words if not re.search(rf"\b{word}\b", source)]


def main(out: Path) -> None:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "rnnmagic")
    found: dict[str, Any] = {}
    for name, cell in CELLS.items():
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            shell.reset(new_session=False)
            assert shell.run_cell(PRELUDE, store_history=True).success
            language.use(Shouting())
            shell.run_cell("%%rnncheck --display none\n" + cell, store_history=True)
        report = rnnmagic.last_report()
        assert report is not None
        code = "\n".join(fix.code for fix in report.fixes)
        code += "\n".join(fix.code for notice in report.warnings for fix in notice.fixes)
        # Shapes, types and names of layers that Keras makes are no words.
        code += (
            PRELUDE
            + cell
            + " rnnmagic rnnfix float int input series pre post keras value maxlen side lstm dense add"
        )
        left = {key: small(text, code) for key, text in said(report).items()}
        found[name] = {
            "outcome": report.outcome,
            "cause": report.cause,
            "warnings": [notice.cause for notice in report.warnings],
            "fixes": len(report.fixes),
            "left": {key: words for key, words in left.items() if words},
        }
    out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
