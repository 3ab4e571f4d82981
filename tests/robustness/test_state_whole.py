"""All that a process holds is after every kind of check as it would be without it, to the last bit."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

sys.path.append(str(Path(__file__).parent))

from everything import changes, content, environment
from short_notebooks import BEGIN, NOTEBOOKS

import rnnmagic

OWN = """
legacy = np.random.RandomState(5)
seeds = keras.random.SeedGenerator(6)
tensor_dice = tf.random.Generator.from_seed(8)
random.seed(9); np.random.seed(10); tf.random.get_global_generator().reset_from_seed(11)
keras.random.normal((2,))
"""
BUILT = """
stateful = keras.Sequential([
    keras.Input((5, 2), batch_size=4), keras.layers.LSTM(3, stateful=True), keras.layers.GRU(2, dropout=0.5)
    if False else keras.layers.Dense(1)])
stateful.compile("adam", "mse")
stateful.fit(generator.normal(size=(8, 5, 2)), generator.normal(size=(8, 1)), batch_size=4, verbose=0)
"""


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    options = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    shell = InteractiveShell(config=options)
    shell.run_line_magic("load_ext", "rnnmagic")
    play(shell, "%%rnncheck --display html\nimport numpy\nnumpy.zeros((2, 3)) @ numpy.zeros((2, 3))")
    yield shell
    shell.extension_manager.unload_extension("rnnmagic")
    tf.config.run_functions_eagerly(False)


def play(shell: InteractiveShell, cell: str) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(cell, store_history=True)
    return result.error_before_exec or result.error_in_exec


def of_user(shell: InteractiveShell) -> dict[str, Any]:
    """The contents of the user's variables. Every Keras object is read by `keras_state`, slot for slot."""
    return {
        name: content(value)
        for name, value in shell.user_ns.items()
        if not name.startswith("_")
        and name not in ("In", "Out", "get_ipython", "exit", "quit", "open")
        and type(value) is not type(sys)
    }


def begin(shell: InteractiveShell, setup: str) -> None:
    assert play(shell, BEGIN + OWN + BUILT + setup) is None


def after(
    shell: InteractiveShell, setup: str, cell: str, magic: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state after a notebook that runs from its start, and what it runs in."""
    begin(shell, setup)
    play(shell, magic + cell)
    return of_user(shell), environment()


KINDS = {
    "failing": ("flat rows", "%%rnncheck --display html\n"),
    "failing, not tried": ("flat rows", "%%rnncheck --display none --no-verify\n"),
    "failing, hints": ("not built", "%%rnncheck --display text --hints\n"),
    "told before": ("later", "%%rnncheck --display html\n"),
    "stateful": ("stateful", "%%rnncheck --display html\n"),
    "silent": ("silent", "%%rnncheck --display html\n"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_leaves_the_process_as_it_was(shell: InteractiveShell, kind: str) -> None:
    notebook, magic = NOTEBOOKS[KINDS[kind][0]], KINDS[kind][1]
    begin(shell, notebook.setup)
    before, around = of_user(shell), environment()
    error = play(shell, magic + notebook.cell)
    assert (None if error is None else type(error).__name__) == notebook.error
    report = rnnmagic.last_report()
    assert report is not None and report.trouble is None
    assert notebook.cause in (report.cause, *(notice.cause for notice in report.warnings))
    checked, around_after = of_user(shell), environment()
    plain, around_plain = after(shell, notebook.setup, notebook.cell, "#" + magic)
    if notebook.error is None:
        assert changes(plain, checked) == []
        assert changes(around_plain, around_after) == []
    else:
        # What the failing call itself did to the model and to the random states is taken back.
        allowed = steady(before), steady(plain)
        assert steady(checked) in allowed, changes(before, checked)[:10]
        wrong = changes(around, around_after)
        assert wrong == [] or changes(around_plain, around_after) == [], wrong


def steady(told: Any) -> Any:
    """Without the addresses in names that TensorFlow makes up."""
    import re

    if isinstance(told, str):
        return re.sub(r"\b\d{12,}\b|0x[0-9a-f]+", "id", told)
    if isinstance(told, (list, tuple)):
        return tuple(map(steady, told))
    if isinstance(told, dict):
        return {key: steady(value) for key, value in told.items()}
    return told


def test_a_stop_before_the_training_changes_nothing_at_all(shell: InteractiveShell) -> None:
    notebook = NOTEBOOKS["later"]
    begin(shell, notebook.setup)
    before, around = of_user(shell), environment()
    error = play(shell, "%%rnncheck --display html --preflight stop\n" + notebook.cell)
    assert isinstance(error, rnnmagic.ShapeError)
    assert changes(before, of_user(shell)) == []
    assert changes(around, environment()) == []


def test_apply_and_undo_change_nothing_but_the_variable(shell: InteractiveShell) -> None:
    notebook = NOTEBOOKS["flat rows"]
    begin(shell, notebook.setup)
    play(shell, "%%rnncheck --display html\n" + notebook.cell)
    before, around, data = of_user(shell), environment(), shell.user_ns["X_train"]
    report = rnnmagic.last_report()
    assert report is not None
    report.apply(1)
    applied = of_user(shell)
    assert shell.user_ns["X_train"].shape == (16, 6, 3)
    # Validation data of an earlier notebook, with the same fault, are repaired with them.
    changed = {name for name in before if before[name] != applied[name]}
    assert "X_train" in changed and changed == set(report.fixes[0].rebinds)
    assert changes(around, environment()) == []
    report.undo()
    assert shell.user_ns["X_train"] is data
    assert changes(before, of_user(shell)) == []
    assert changes(around, environment()) == []


def test_settings_of_the_users_stay(shell: InteractiveShell) -> None:
    """Unusual ones, which a dry run that sets and forgets would bring back to the usual."""
    notebook = NOTEBOOKS["flat rows"]
    begin(shell, notebook.setup)
    settings = """
import os, sys, warnings, decimal
tf.config.run_functions_eagerly(True)
keras.config.disable_traceback_filtering(); keras.config.disable_interactive_logging()
keras.config.set_epsilon(1e-5)
np.seterr(over="ignore", invalid="raise"); np.set_printoptions(precision=3)
warnings.filterwarnings("error", message="mine"); warnings.simplefilter("always", ResourceWarning)
os.environ["MINE"] = "yes"; decimal.getcontext().prec = 11; sys.setrecursionlimit(4321)
"""
    back = """
tf.config.run_functions_eagerly(False)
keras.config.enable_traceback_filtering(); keras.config.enable_interactive_logging(); keras.config.set_epsilon(1e-7)
np.seterr(over="warn", invalid="warn"); np.set_printoptions(precision=8)
del os.environ["MINE"]; decimal.getcontext().prec = 28; sys.setrecursionlimit(3000)
"""
    limit = sys.getrecursionlimit()
    with warnings.catch_warnings():
        try:
            play(shell, settings)
            around = environment()
            assert type(play(shell, "%%rnncheck --display html\n" + notebook.cell)).__name__ == "ValueError"
            report = rnnmagic.last_report()
            assert report is not None and report.cause == "flattened" and report.fixes[0].verified
            assert changes(around, environment()) == []
        finally:
            play(shell, back)
            sys.setrecursionlimit(limit)


def test_loading_and_unloading_leaves_the_shell_as_it_was(shell: InteractiveShell) -> None:
    shell.extension_manager.unload_extension("rnnmagic")
    before = environment()
    magics = {kind: set(found) for kind, found in shell.magics_manager.magics.items()}
    shell.run_line_magic("load_ext", "rnnmagic")
    play(shell, "%%rnncheck --display html\nnp.zeros((2, 3)) @ np.zeros((2, 3))")
    shell.extension_manager.unload_extension("rnnmagic")
    try:
        assert changes(before, environment()) == []
        left = {kind: set(found) - magics[kind] for kind, found in shell.magics_manager.magics.items()}
        assert not any(left.values()), left
    finally:
        shell.run_line_magic("load_ext", "rnnmagic")


@pytest.fixture(scope="module", autouse=True)
def entered() -> set[str]:
    """What other tests of this process have imported before these."""
    return {name for name in ("tf_keras", "torch", "jax") if name in sys.modules}


def test_no_framework_is_imported_that_the_user_has_not(shell: InteractiveShell, entered: set[str]) -> None:
    assert keras.config.backend() == "tensorflow"
    for name in ("tf_keras", "torch"):
        assert name not in environment()["frameworks"] or name in entered, name
