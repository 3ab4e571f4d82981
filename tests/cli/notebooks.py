"""Notebooks for the tests of the command line, written as Jupyter writes them, and the command as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 300

RAGGED = (
    "import numpy as np\n\nsequences = [[1.0] * (3 + n % 3) for n in range(9)]",
    "# all in one array\nX = np.array(sequences, dtype='float32')",
)
"""A mistake that needs no framework: sequences of unequal length."""
CLEAN = ("import numpy as np", "X = np.zeros((4, 5, 2))\nX.shape")
TORCH = (
    "import torch\nfrom torch import nn\n\nX = torch.randn(16, 12, 3)",
    "net = nn.LSTM(5, 8, batch_first=True)",
    "answer, state = net(X)\nprint('after')",
)
SILENT = (
    "import torch\nfrom torch import nn\n\nX, y = torch.randn(16, 10, 3), torch.randn(16)",
    "net, head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)",
    "out, _ = net(X)\nloss = nn.functional.mse_loss(head(out[:, -1]), y)",
)
KERAS = (
    "%load_ext rnnmagic\nimport numpy as np\nimport keras\nfrom keras import layers",
    "X = np.random.rand(40, 60).astype('float32')\ny = np.random.rand(40, 1)",
    (
        "model = keras.Sequential([layers.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile('adam', 'mse')"
    ),
    "%%rnncheck --display html\n\nmodel.fit(X, y, epochs=1, verbose=0)",
    "1 / 0",
)


def notebook(cells: Sequence[str | dict[str, Any]], **metadata: Any) -> dict[str, Any]:
    """A notebook of a heading and these code cells; a `dict` changes a cell's own fields."""
    made = []
    for place, given in enumerate(cells):
        fields = {"source": given} if isinstance(given, str) else given
        source = fields["source"]
        cell = {
            "cell_type": "code", "execution_count": None, "id": f"cell-{place}", "metadata": {}, "outputs": [],
            **fields, "source": source.splitlines(keepends=True),
        }  # fmt: skip
        made.append(cell)
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# Größe\n", "\n", "text"]}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [title, *made],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def write(path: Path, cells: Sequence[str | dict[str, Any]], **metadata: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook(cells, **metadata), indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def environment(folder: Path) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "IPYTHONDIR": str(folder / ".ipython")}


def rnnmagic(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, run in a folder."""
    command = [sys.executable, "-m", "rnnmagic", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, encoding="utf-8", timeout=LIMIT_S
    )
