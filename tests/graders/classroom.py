"""A class of four, for a grader: what each hands in, and the same assignment without rnnmagic."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CLASSROOM = ROOT / "examples" / "classroom"

RIGHT = {
    "sequences": """
def sequences(table):
    return table.reshape(-1, STEPS, FEATURES)
""",
    "build": """
def build():
    model = keras.Sequential([keras.Input((STEPS, FEATURES)), layers.LSTM(8), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    return model
""",
    "training": """%%rnncheck
keras.utils.set_random_seed(7)
model = build()
history = model.fit(X, y, epochs=6, batch_size=16, verbose=0)
print("loss", history.history["loss"][-1])
""",
}

STUDENTS = {
    # All right.
    "ada": RIGHT,
    # An error of shapes: the table stays flat.
    "ben": RIGHT | {"sequences": "def sequences(table):\n    return table"},
    # A silent mistake: an answer for every timestep, over which the loss stretches the one target.
    "cleo": RIGHT | {"build": RIGHT["build"].replace("LSTM(8)", "LSTM(8, return_sequences=True)")},
    # Deletes the magic line.
    "dan": RIGHT | {"training": RIGHT["training"].removeprefix("%%rnncheck\n")},
}
SCORES = {
    "ada": {"sequences": 1, "build": 2, "training": 2},
    "ben": {"sequences": 0, "build": 2, "training": 0},
    "cleo": {"sequences": 1, "build": 0, "training": 0},
    "dan": {"sequences": 1, "build": 2, "training": 2},
}

ALONE = {
    'rnnmagic.expect(None, sequences(table), input=(240, STEPS, FEATURES), hint="A row is one sample.")':
        "assert sequences(table).shape == (240, STEPS, FEATURES)",
    "rnnmagic.expect(None, sequences(test_table), input=(120, STEPS, FEATURES))":
        "assert sequences(test_table).shape == (120, STEPS, FEATURES)",
    'rnnmagic.expect(build(), right, y, output=(None, 1), hint="One probability for each sample.")':
        "assert build().output_shape == (None, 1)",
    "rnnmagic.expect(model, X, output=(None, 1))": "assert model(X).shape[1:] == (1,)",
    "import rnnmagic\n": "",
    "%load_ext rnnmagic\n": "",
    "%%rnncheck\n": "",
}  # fmt: skip
"""What a teacher without rnnmagic would have written."""


def without_rnnmagic(notebook: Any) -> Any:
    """The notebook, changed to one that knows nothing of rnnmagic."""
    for cell in notebook.cells:
        for ours, plain in ALONE.items():
            cell.source = cell.source.replace(ours, plain)
        assert cell.cell_type != "code" or "rnn" not in cell.source
    return notebook


def filled_in(notebook: Any, answers: dict[str, str], task_of: Callable[[Any], str | None]) -> Any:
    """The student's notebook with the answers in the cells of these tasks."""
    left = set(answers)
    for cell in notebook.cells:
        task = task_of(cell) if cell.cell_type == "code" else None
        if task in left:
            cell.source = answers[task].strip()
            left.remove(task)
    assert not left
    return notebook


def environment(home: Path) -> dict[str, str]:
    """For a grader in a process of its own: rnnmagic from this tree, its command beside this Python."""
    import sys

    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    commands = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return os.environ | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "PATH": os.pathsep.join(commands),
        "PYTHONPATH": os.pathsep.join(paths),
    }
