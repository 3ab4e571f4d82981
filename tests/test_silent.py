"""Silent shape mistakes: what the text says of an array, what its zeros are, and no false alarm."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from rnnmagic.cells import Cell, CellLog, Run
from rnnmagic.evidence import Operand
from rnnmagic.silent import notices
from rnnmagic.silent.axisroles import roles_of
from rnnmagic.silent.origin import Origins, safe_value
from rnnmagic.silent.padding import filler_of, padding_of, rows_of
from rnnmagic.source import Unknowable
from rnnmagic.values import describe


def a_run(*texts: str, **names: object) -> Run:
    """Cells that have run in a namespace; the last is the checked one."""
    namespace: dict[str, object] = {"np": np, **names}
    for text in texts:
        exec(text, namespace)
    log = CellLog([Cell(n, f"c{n}", text, text, f"<cell {n}>") for n, text in enumerate(texts)])
    return Run(log.cells[-1], log, namespace, None, 0.0)


def an_operand(run: Run, name: str) -> Operand:
    value = run.namespace[name]
    return Operand("x", None, value, describe(value), name, name, is_global=True)


def ragged(lengths: list[int], steps: int, width: int, *, side: str = "post") -> np.ndarray:
    rows = np.zeros((len(lengths), steps, width))
    for row, length in zip(rows, lengths, strict=True):
        part = slice(0, length) if side == "post" else slice(steps - length, steps)
        row[part] = 1.0
    return rows


LENGTHS = [5, 9, 12, 7, 6, 15, 8, 10]


def test_nothing_without_a_call() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.calls: dict[int, object] = {}

    run = a_run("a = 1")
    assert notices(run, None, None) == ()  # type: ignore[arg-type]
    assert notices(run, Recorder(), None) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("side", ["post", "pre"])
def test_padding_is_seen_at_its_side(side: str) -> None:
    found = padding_of(ragged(LENGTHS, 16, 3, side=side), ids=False, padded_by_name=False)
    assert found is not None
    assert (found.side, found.longest) == (side, 11)


def test_zeros_that_are_data_are_no_padding() -> None:
    rng = np.random.default_rng(0)
    padded = ragged(LENGTHS, 16, 3)
    gaps = padded.copy()
    gaps[:, 2] = 0  # real zeros in the middle
    both = np.roll(padded, 2, axis=1)  # an image: a margin at both sides
    equal = ragged([9] * 8, 16, 3)  # always the same length: a season, not padding
    one_hot = np.eye(5)[rng.integers(0, 5, (30, 16))]
    for data in (gaps, both, equal, one_hot):
        assert padding_of(data, ids=False, padded_by_name=True) is None
    # One number a step may simply be switched off; only the notebook's word makes it padding.
    signal = padded[:, :, :1]
    assert padding_of(signal, ids=False, padded_by_name=False) is None
    assert padding_of(signal, ids=False, padded_by_name=True) is not None


def test_a_sample_is_small_whatever_the_array() -> None:
    big = np.zeros((100_000, 50, 30), "float32")
    rows = rows_of(big)
    assert rows.shape[0] <= 64 and rows.size <= 4096
    assert rows_of(np.zeros((3, 4, 5, 6))) is None


def test_steps_follow_an_array_through_splits_and_cells() -> None:
    run = a_run(
        "from sklearn.model_selection import train_test_split\nraw = np.zeros((8, 3, 5))",
        "cut = raw.reshape(8, 5, 3).astype('float32')\na, b, c, d = train_test_split(cut, np.zeros(8))\nx = a[:4]",
    )
    steps = list(Origins(run).steps(an_operand(run, "x")))
    written = [ast.unparse(step.node) for step in steps]
    assert "raw.reshape(8, 5, 3)" in written
    assert next(step.name for step in steps if "reshape(8, 5, 3)" in ast.unparse(step.node)) == "cut"


def test_safe_value_runs_no_code() -> None:
    names = {"a": np.zeros((4, 6)), "n": 3}
    assert safe_value(ast.parse("a[:2, n:]", mode="eval").body, names).shape == (2, 3)
    assert safe_value(ast.parse("a.shape[1] // 2", mode="eval").body, names) == 3
    for text in ("a.sum()", "a[a > 0]", "print(1)", "a * 2"):
        with pytest.raises(Unknowable):
            safe_value(ast.parse(text, mode="eval").body, names)


CLIPS = "clips = [np.ones((6, 2)) for _ in range(6)]"


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        ((CLIPS, "x = np.stack(clips, axis=1)"), "time"),
        ((CLIPS, "x = np.stack(clips)"), "samples"),
        ((CLIPS, "x = np.array(clips).swapaxes(0, 1)"), "time"),
        ((CLIPS, "x = np.transpose(np.array(clips), (1, 0, 2)).transpose(1, 0, 2)"), "samples"),
        (("raw = np.ones((6, 6, 2))  # (patient, hour, sign)", "x = np.moveaxis(raw, 0, 1)"), "time"),
        (("raw = np.ones((6, 6, 2))  # (hour, patient, sign)", "x = np.moveaxis(raw, 0, 1)"), "samples"),
        # One item for each moment: the second axis is where they belong.
        ((CLIPS.replace("clips", "snapshots"), "x = np.stack(snapshots, axis=1)"), None),
        ((CLIPS + "  # each (robot, joint)", "x = np.stack(clips, axis=1)"), None),
        (("raw = np.ones((6, 6, 2))", "x = raw.transpose(1, 0, 2)"), None),
    ],
)  # fmt: skip
def test_which_axis_comes_first(texts: tuple[str, ...], first: str | None) -> None:
    run = a_run(*texts)
    roles = roles_of(an_operand(run, "x"), Origins(run))
    assert (roles.axes[0] if roles is not None else None) == first


def test_padding_with_another_number_than_zero() -> None:
    rng = np.random.default_rng(3)
    walks = np.full((40, 20, 3), -1.0, "float32")
    for row in walks:
        steps = rng.integers(4, 12)
        row[:steps] = rng.random((steps, 3))
    assert filler_of(walks) == -1.0
    found = padding_of(walks, ids=False, padded_by_name=True, filler=-1.0)
    assert found is not None and found.side == "post"
    assert filler_of(rng.random((40, 20, 3))) is None
