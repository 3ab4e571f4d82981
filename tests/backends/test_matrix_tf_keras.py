"""The notebooks of `mistakes.py` on tf_keras, the legacy Keras 2: imported itself, and through TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matrix import hold, play
from mistakes import MISTAKES

pytest.importorskip("tf_keras")

THROUGH_TENSORFLOW = {
    "sequence": "from tensorflow import keras",
    "wrong": "import tensorflow as tf\nkeras = tf.keras",
}
"""How the notebook imports Keras, by a part of the names of the notebooks to play."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return play(tmp_path_factory.mktemp("matrix"), {}, "--import", "import tf_keras as keras")


# A length other than the declared one is an error here, and no silent mistake: `test_tf_keras.py` has it.
HERE_TOO = [mistake.name for mistake in MISTAKES if mistake.warning != "timesteps_unchecked"]


@pytest.mark.parametrize("name", HERE_TOO)
def test_notebook(found: dict[str, Any], name: str) -> None:
    hold(found, name)


@pytest.mark.parametrize(("names", "imports"), THROUGH_TENSORFLOW.items(), ids=THROUGH_TENSORFLOW)
def test_through_tensorflow(tmp_path: Path, names: str, imports: str) -> None:
    """`TF_USE_LEGACY_KERAS=1` makes `tf.keras` the same as tf_keras; Keras 3 need not even be imported."""
    found = play(tmp_path, {"TF_USE_LEGACY_KERAS": "1"}, "--import", imports, "-k", names)
    assert "tf_keras" in found["modules"]
    assert "keras" not in found["modules"]
    for name in found["rows"]:
        hold(found, name)
