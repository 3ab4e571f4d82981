"""Random notebooks without a mistake, and with one in the model, the target or the call."""

from __future__ import annotations

from amount import examples
from holding import holds
from hypothesis import given
from plan import Notebook
from playing import Stage
from slips import ELSEWHERE, correct_notebooks, notebooks

STAGE = Stage()


@examples(0.3)
@given(notebook=notebooks(ELSEWHERE))
def test_wrong_models_targets_and_calls(notebook: Notebook) -> None:
    holds(STAGE, notebook)


@examples(0.2)
@given(notebook=correct_notebooks())
def test_correct(notebook: Notebook) -> None:
    holds(STAGE, notebook)
