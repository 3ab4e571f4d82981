"""A recurrent layer was handed more states than it keeps, and Keras left the rest out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import plural
from rnnmagic.frameworks.base import Surplus
from rnnmagic.language import say
from rnnmagic.silent.cases import Case


def states_left_out(case: Case) -> Iterator[str]:
    """A sentence for each such layer: an LSTM's h and c handed to a GRU.

    None of the causes of a notice is this one, so that it is a note beside the report.
    """
    if not case.look.known:
        return
    for surplus in case.look.surplus:
        told: dict[str, Any] = {
            "layer": _told(case, surplus),
            "states": plural(surplus.keeps, "state"),
            "given": surplus.given,
        }
        if surplus.maker is None:
            yield say(
                "{layer} keeps {states} and is given {given}: Keras leaves the rest out without a word. Hand it the states that it keeps.",
                **told,
            )
        else:
            yield say(
                "{layer} keeps {states} and is given {given}, those of {maker}: Keras leaves the rest out without a word. Hand it the states that it keeps, or make both layers of one kind.",
                maker=f"{surplus.maker_cls} '{surplus.maker}'",
                **told,
            )


def _told(case: Case, surplus: Surplus) -> str:
    """`GRU 'gru' (line 4)`, the line where it is made, if that is in the checked cell."""
    name = f"{surplus.cls} '{surplus.layer}'"
    try:
        site = case.editor.site(case.layer(surplus.layer))
    except Exception:
        return name
    if site.cell is not case.run.cell:
        return name
    line = say("line {line}", line=site.call.lineno + case.run.cell.offset)
    return f"{name} ({line})"
