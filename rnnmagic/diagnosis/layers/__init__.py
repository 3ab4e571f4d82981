"""A layer inside a model refuses what the layers before it pass on."""

from __future__ import annotations

from rnnmagic.diagnosis.layers.declared import declare
from rnnmagic.diagnosis.layers.lost import last_output_only, sequence_from
from rnnmagic.diagnosis.layers.refusal import Later, Refusal, Step, first_shape
from rnnmagic.diagnosis.layers.rules import judge, own_part
from rnnmagic.diagnosis.layers.states import wrong_states as judge_states

__all__ = [
    "Later",
    "Refusal",
    "Step",
    "declare",
    "first_shape",
    "judge",
    "judge_states",
    "last_output_only",
    "own_part",
    "sequence_from",
]
