"""What one examination has dry-run it does not run again, and never where the answer could be another."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from rnnmagic import frameworks
from rnnmagic.frameworks.keras3.engine import Keras3Engine
from rnnmagic.frameworks.keraslike.sittings import examination
from rnnmagic.rehearsal import Script, rehearse

X = np.zeros((16, 5, 3), "float32")
CALL = "model.fit(X, y, verbose=0)\n"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The batches that were really dry-run."""
    found: list[Any] = []
    original = Keras3Engine.dry_run

    def noted(self: Keras3Engine, model: Any, batch: Any, **options: Any) -> Any:
        found.append(batch)
        return original(self, model, batch, **options)

    monkeypatch.setattr(Keras3Engine, "dry_run", noted)
    return found


def a_namespace(*, declared: bool = True) -> dict[str, Any]:
    first = [keras.Input((5, 3))] if declared else []
    model = keras.Sequential([*first, keras.layers.LSTM(4), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return {
        "__name__": "__main__",
        "model": model,
        "X": X,
        "X4": np.zeros((16, 5, 4), "float32"),
        "y": np.zeros((16, 1), "float32"),
        "y3": np.zeros((16, 3), "float32"),
    }


def status(code: str, namespace: dict[str, Any]) -> str:
    return rehearse([Script(CALL, code, 1)], namespace).status


def test_the_same_call_is_dry_run_once(runs: list[Any]) -> None:
    space = a_namespace()
    framework = frameworks.of(space["model"])
    assert framework is not None
    with examination():
        arguments = {"x": X, "y": space["y"]}
        assert framework.try_call(space["model"], "fit", arguments, open_sandbox=True).ok
        assert status(CALL, space) == "passes"
        assert status(CALL.replace("X", "X[:, :]"), space) == "passes"
    assert len(runs) == 1
    assert status(CALL, space) == "passes"
    assert len(runs) == 2


def test_a_failure_is_remembered_as_one(runs: list[Any]) -> None:
    space = a_namespace()
    with examination():
        assert [status(CALL.replace("X", "X4"), space) for _ in range(2)] == ["fails", "fails"]
    assert len(runs) == 1


def test_a_model_that_the_repair_changes_is_tried_anew(runs: list[Any]) -> None:
    space = a_namespace()
    compiled = 'model.compile("adam", "categorical_crossentropy")\n' + CALL
    wide = 'model.compile("adam", keras.losses.CategoricalCrossentropy())\n' + CALL.replace("y", "y3")
    space["keras"] = keras
    with examination():
        assert status(CALL, space) == "passes"
        before = len(runs)
        assert status(compiled, space) != "unknown"
        assert len(runs) == before + 1
        assert status(wide, space) == "fails"
        assert status(CALL + compiled, space) != "unknown"
        # The first of the two is made up for before the model changes, and the second tried on what it left.
        assert len(runs) == before + 4
        assert status(CALL, space) == "passes"
        assert len(runs) == before + 4


def test_what_a_first_call_builds_the_second_finds_built(runs: list[Any]) -> None:
    space = a_namespace(declared=False)
    both = CALL + "model.predict(X4)\n"
    alone = status(both, space)
    with examination():
        assert status(CALL, space) == "passes"
        assert status("model.predict(X4)\n", space) == "passes"
        assert status(both, space) == alone == "fails"
    assert not space["model"].built
