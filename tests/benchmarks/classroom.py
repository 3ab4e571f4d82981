"""Submissions of a class, generated: a handful of assignments, with names and sizes of each student's own.

Each comes with what a check must say of it. The same number gives the same class.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    ("X", "y", "model"), ("X_train", "y_train", "model"), ("data", "labels", "net"), ("signals", "target", "rnn"),
    ("daten", "ziel", "netz"), ("x_tr", "y_tr", "m"), ("readings", "answers", "clf"), ("seqs", "out", "lstm_model"),
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One notebook. `causes` are those that must be found, in order; `problem` is why it cannot be checked."""

    student: str
    assignment: str
    cells: tuple[str, ...]
    causes: tuple[str, ...] = ()
    problem: str | None = None


def flat_table(rng: random.Random, wrong: bool) -> tuple[list[str], tuple[str, ...]]:
    x, y, model = rng.choice(NAMES)
    count, steps, features = rng.choice((32, 40, 48)), rng.choice((10, 12, 20)), rng.choice((3, 4, 5))
    reshape = "" if wrong else f"{x} = {x}.reshape(-1, {steps}, {features})\n"
    cells = [
        "import numpy as np\nimport keras\nfrom keras import layers",
        (
            f"rng = np.random.default_rng({rng.randrange(99)})\n"
            f"{x} = rng.normal(size=({count}, {steps * features})).astype('float32')\n"
            f"{y} = rng.integers(0, 3, size={count})"
        ),
        (
            f"{model} = keras.Sequential([\n    layers.Input(({steps}, {features})),\n"
            f"    layers.LSTM({rng.choice((4, 8))}),\n    layers.Dense(3, activation='softmax'),\n])\n"
            f"{model}.compile('adam', 'sparse_categorical_crossentropy')"
        ),
        f"{reshape}{model}.fit({x}, {y}, epochs=1, batch_size=16, verbose=0)\nprint('done')",
    ]
    return cells, ("flattened",) if wrong else ()


def stacked(rng: random.Random, wrong: bool) -> tuple[list[str], tuple[str, ...]]:
    x, y, model = rng.choice(NAMES)
    count, steps, features = rng.choice((24, 32)), rng.choice((8, 15)), rng.choice((2, 3))
    keep = "" if wrong else ", return_sequences=True"
    cells = [
        "import numpy as np\nimport keras\nfrom keras import layers",
        (
            f"{x} = np.random.rand({count}, {steps}, {features}).astype('float32')\n"
            f"{y} = np.random.rand({count}, 1).astype('float32')"
        ),
        (
            f"{model} = keras.Sequential()\n{model}.add(layers.Input(({steps}, {features})))\n"
            f"{model}.add(layers.LSTM(6{keep}))\n{model}.add(layers.LSTM(4))\n{model}.add(layers.Dense(1))\n"
            f"{model}.compile(loss='mse')"
        ),
        f"history = {model}.fit({x}, {y}, epochs=1, verbose=0)",
    ]
    return cells, ("sequence_collapsed",) if wrong else ()


def torch_features(rng: random.Random, wrong: bool) -> tuple[list[str], tuple[str, ...]]:
    x, _, model = rng.choice(NAMES)
    count, steps, features = rng.choice((16, 20)), rng.choice((9, 12)), rng.choice((3, 5))
    declared = features + rng.choice((1, 2)) if wrong else features
    cells = [
        "import torch\nfrom torch import nn",
        f"{x} = torch.randn({count}, {steps}, {features})",
        f"{model} = nn.LSTM({declared}, 8, batch_first=True)",
        f"output, state = {model}({x})\nprint(output.shape)",
    ]
    return cells, ("features",) if wrong else ()


def ragged(rng: random.Random, wrong: bool) -> tuple[list[str], tuple[str, ...]]:
    x, _, _ = rng.choice(NAMES)
    length = rng.choice((5, 8))
    sizes = f"{length} + n % 3" if wrong else str(length)
    cells = [
        "import numpy as np\nimport torch",
        (
            f"rng = np.random.default_rng({rng.randrange(99)})\n"
            f"sequences = [rng.normal(size={sizes}).tolist() for n in range(12)]"
        ),
        f"{x} = np.array(sequences, dtype='float32')[..., np.newaxis]",
        f"answer, _ = torch.nn.GRU(1, 4, batch_first=True)(torch.from_numpy({x}))",
    ]
    return cells, ("ragged",) if wrong else ()


def stretched(rng: random.Random, wrong: bool) -> tuple[list[str], tuple[str, ...]]:
    x, y, model = rng.choice(NAMES)
    count = rng.choice((16, 24))
    target = f"{count}" if wrong else f"{count}, 1"
    cells = [
        "import torch\nfrom torch import nn",
        f"{x} = torch.randn({count}, 10, 3)\n{y} = torch.randn({target})",
        f"{model} = nn.LSTM(3, 8, batch_first=True)\nhead = nn.Linear(8, 1)",
        f"answer, _ = {model}({x})\nloss = nn.functional.mse_loss(head(answer[:, -1]), {y})\nloss.backward()",
        "print(float(loss) >= 0)",
    ]
    return cells, ("broadcast_loss",) if wrong else ()


ASSIGNMENTS = {
    "hw1-tables": flat_table,
    "hw2-stacks": stacked,
    "hw3-torch": torch_features,
    "hw4-lengths": ragged,
    "hw5-targets": stretched,
}
KILLERS = ("import os\nos._exit(1)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
ENDLESS = "count = 0\nwhile True:\n    count += 1"


def submissions(number: int) -> Iterator[Submission]:
    """A class of `number` notebooks, among them two that kill their kernel and one that never ends."""
    rng = random.Random(7)
    makers = list(ASSIGNMENTS.items())
    special = {number // 5: KILLERS[0], number // 2: ENDLESS, number - number // 5: KILLERS[1]}
    for place in range(number):
        assignment, make = makers[place % len(makers)]
        cells, causes = make(rng, wrong=rng.random() < 0.6)
        student = f"student{place // len(makers):03}"
        if place in special:
            bad = special[place]
            yield Submission(
                student, assignment, (*cells[:2], bad), (), "timeout" if bad is ENDLESS else "kernel_died"
            )
        else:
            yield Submission(student, assignment, tuple(cells), causes)


def write(folder: Path, number: int) -> dict[Path, Submission]:
    """The notebooks as nbgrader collects them: `submitted/<student>/<assignment>/<assignment>.ipynb`."""
    written = {}
    for one in submissions(number):
        path = folder / "submitted" / one.student / one.assignment / f"{one.assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook(one.cells), indent=1), encoding="utf-8")
        written[path] = one
    return written


def notebook(cells: tuple[str, ...] | list[str]) -> dict[str, object]:
    return {
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# An assignment"]},
            *(
                {
                    "cell_type": "code", "execution_count": None, "id": f"cell-{place}", "metadata": {},
                    "outputs": [], "source": source.splitlines(keepends=True),
                }
                for place, source in enumerate(cells)
            ),
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
