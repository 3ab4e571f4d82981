"""Silent shape mistakes: what Keras accepted without a word, found after a cell that ran clean.

The framework runs a call of the cell once more on shapes, `origin` reads how its arrays were made, and
one module for each kind of mistake judges. Where the evidence is thin, nothing is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnmagic.report import Notice

if TYPE_CHECKING:
    from rnnmagic.cells import Run
    from rnnmagic.settings import RnnCheck
    from rnnmagic.silent.cases import Case

    Judge = Callable[[Case], Iterator[Notice] | Iterator[str]]
    """One kind of mistake; a plain sentence is what no cause of a notice covers."""

__all__ = ["Silent", "look_over", "notices"]

LOOK_AT_MOST = 4
"""Calls of one cell that are looked at: a loop over folds makes many that are alike."""
LOOK_SECONDS = 1.0
"""Of this thread's own time; after so many no further call is looked at."""


@dataclass(frozen=True)
class Silent:
    """What was taken without a word: the mistakes, and what is only a sentence to know."""

    notices: tuple[Notice, ...] = ()
    notes: tuple[str, ...] = ()


def notices(run: Run, recorder: Any, settings: RnnCheck) -> tuple[Notice, ...]:
    """The silent shape mistakes of a cell that ran clean, at most one of each cause for an array."""
    return look_over(run, recorder, settings).notices


def look_over(run: Run, recorder: Any, settings: RnnCheck) -> Silent:
    """The silent shape mistakes of a cell that ran clean, and notes that no cause of a notice covers.

    `recorder` is the framework's, `None` when none ran. Costs nothing when the cell called no
    model, and raises no `Exception`.
    """
    if recorder is None:
        return Silent()
    try:
        if hasattr(recorder, "broadcasts"):
            from rnnmagic.silent import torch_modules

            return Silent(tuple(torch_modules.notices(run, recorder, settings)))
        if not recorder.calls:
            return Silent()
        found = list(_found(run, recorder, settings))
    except Exception:
        # Nobody asked for this look; without its answer the cell is what it was.
        return Silent()
    return Silent(
        tuple(one for one in found if isinstance(one, Notice)),
        tuple(dict.fromkeys(one for one in found if isinstance(one, str))),
    )


def _found(run: Run, recorder: Any, settings: RnnCheck) -> Iterator[Notice | str]:
    from rnnmagic.silent.cases import cases_of

    deadline = time.perf_counter() + settings.time_limit
    begun = time.thread_time()
    said: set[tuple[str, Any]] = set()
    for number, case in enumerate(cases_of(run, recorder, settings, deadline)):
        if number >= LOOK_AT_MOST or time.perf_counter() > deadline:
            return
        if time.thread_time() - begun > LOOK_SECONDS:
            return
        for judge in _judges(again=case.before is not None):
            for notice in _safely(judge, case):
                if isinstance(notice, str):
                    yield notice
                    continue
                about = notice.array.name if notice.array is not None else notice.layer and notice.layer.name
                if (notice.cause, about) not in said:
                    said.add((notice.cause, about))
                    yield notice


def _judges(*, again: bool) -> tuple[Judge, ...]:
    """The kinds of mistake to look for; `again` in a later call on a model whose training was judged."""
    from rnnmagic.silent import arrangement, lengths, losses, masks, reshaping, states

    of_arrays = (
        lengths.timesteps_unchecked,
        arrangement.scrambled,
        reshaping.cut_across,
        reshaping.feature_by_feature,
        arrangement.time_major,
    )
    of_models = (
        losses.broadcast_loss,
        masks.mask_lost,
        masks.pad_unmasked,
        reshaping.turned_by_reshape,
        states.states_left_out,
    )
    return of_arrays if again else (*of_models, *of_arrays)


def _safely(judge: Judge, case: Case) -> list[Notice | str]:
    """One kind of mistake; trouble in its judge does not silence the others."""
    try:
        return list(judge(case))
    except Exception:
        return []
