"""Random notebooks with a mistake in their arrays, and in initial states."""

from __future__ import annotations

from amount import examples
from holding import holds
from hypothesis import given
from plan import Notebook
from playing import Stage
from slips import IN_DATA, notebooks, states

STAGE = Stage()


@examples(0.45)
@given(notebook=notebooks(IN_DATA))
def test_wrong_arrays(notebook: Notebook) -> None:
    holds(STAGE, notebook)


@examples(0.05)
@given(notebook=states())
def test_wrong_states(notebook: Notebook) -> None:
    holds(STAGE, notebook)
