"""Shortcuts of a dry run give the verdict, and the shapes, that the layers themselves give."""

from __future__ import annotations

from typing import Any

import pytest

from rnnmagic.frameworks.base import Outcome, Spec
from rnnmagic.frameworks.keras3.dryrun import dry_run
from rnnmagic.frameworks.keras3.state import sandbox

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")
L = keras.layers

STACKS = {
    "lstm": lambda: [L.LSTM(4), L.Dense(2)],
    "gru stack": lambda: [L.GRU(4, return_sequences=True, dropout=0.2), L.GRU(3), L.Dense(2)],
    "simple": lambda: [L.SimpleRNN(4, recurrent_dropout=0.2), L.Dropout(0.1), L.Dense(2, activation="softmax")],
    "bidirectional": lambda: [L.Bidirectional(L.LSTM(3, return_sequences=True)), L.LSTM(2)],
    "masked": lambda: [L.Masking(), L.LSTM(3, return_sequences=True), L.TimeDistributed(L.Dense(2)), L.GRU(2)],
    "own activation": lambda: [L.LSTM(4, activation=lambda x: x), L.Dense(2, activation=lambda x: x[:, :1])],
    "wrapped cell": lambda: [L.RNN([L.LSTMCell(3), L.GRUCell(2)]), L.Dense(2)],
    "no bias": lambda: [L.GRU(3, reset_after=False, use_bias=False), L.Dense(2, use_bias=False)],
    "backwards": lambda: [L.LSTM(3, go_backwards=True, unroll=True), L.Dense(2)],
}  # fmt: skip


def verdict(outcome: Outcome) -> tuple[Any, ...]:
    steps = [(step.layer.name, step.output, step.ok) for step in outcome.steps if step.depth == 1 and step.ok]
    return outcome.ok, outcome.phase, outcome.output, steps, type(outcome.error)


def run(model: Any, x: tuple[int, ...], y: tuple[int, ...], *, exact: bool) -> tuple[Any, ...]:
    with sandbox([model]):
        return verdict(dry_run(model, Spec(x, "float32"), Spec(y, "float32"), exact=exact))


@pytest.mark.parametrize("declared", [True, False], ids=["built", "not built"])
@pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
def test_same_verdict(stack: Any, declared: bool) -> None:
    model = keras.Sequential([*([keras.Input((5, 3))] if declared else []), *stack()])
    model.compile("adam", "mse", metrics=["mae"])
    for x in ((8, 5, 3), (8, 5, 4), (8, 7, 3), (8, 15), (8, 5, 3, 1), (1, 5, 3)):
        for y in ((8, 2), (8, 3), (8, 5, 2)):
            assert run(model, x, (x[0], *y[1:]), exact=False) == run(model, x, (x[0], *y[1:]), exact=True), (
                x,
                y,
            )


@pytest.mark.parametrize("x", [(8, 5, 3), (6, 5, 3), (8, 5, 2)])
def test_same_verdict_with_states(x: tuple[int, ...]) -> None:
    model = keras.Sequential([keras.Input(batch_shape=(8, 5, 3)), L.LSTM(4, stateful=True), L.Dense(2)])
    model.compile("adam", "mse")
    assert run(model, x, (x[0], 2), exact=False) == run(model, x, (x[0], 2), exact=True)


@pytest.mark.parametrize("units", [4, 5])
def test_same_verdict_with_the_states_of_an_encoder(units: int) -> None:
    given, wanted = keras.Input((5, 3)), keras.Input((7, 2))
    _, *states = L.LSTM(units, return_state=True)(given)
    out = L.Dense(1)(L.LSTM(4)(wanted, initial_state=states))
    model = keras.Model([given, wanted], out)
    model.compile("adam", "mse")
    x = [Spec((8, 5, 3), "float32"), Spec((8, 7, 2), "float32")]
    found = []
    for exact in (False, True):
        with sandbox([model]):
            outcome = dry_run(model, x, Spec((8, 1), "float32"), exact=exact)
        found.append((outcome.ok, outcome.phase, outcome.output))
    assert found[0] == found[1]
    assert found[0][0] == (units == 4)
