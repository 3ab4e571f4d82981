"""A Reshape layer that exchanges two axes of the data, where a Permute was meant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.evidence import X_ROLES
from rnnmagic.frameworks.wanted import PASS_THROUGH, class_of, is_rnn, layers_of
from rnnmagic.language import say
from rnnmagic.report import Notice
from rnnmagic.silent.cases import Case
from rnnmagic.silent.origin import called_name
from rnnmagic.values import as_shape


def turned_by_reshape(case: Case) -> Iterator[Notice]:
    """The first layer reshapes (channels, time) of the data to (time, channels) before a recurrent layer."""
    operands = [operand for operand in case.evidence.operands if operand.role in (*X_ROLES, "inputs")]
    layers = layers_of(case.model)
    if len(operands) != 1 or not any(is_rnn(layer) for layer in layers):
        return
    layer = next((layer for layer in layers if class_of(layer) not in PASS_THROUGH), None)
    if layer is None or class_of(layer) != "Reshape":
        return
    before, after = as_shape(layer.input.shape), as_shape(layer.output.shape)
    if before is None or after is None or len(before) != len(after) or not 3 <= len(after) <= 5:
        return
    inner, turned = before[1:], after[1:]
    if None in inner or None in turned or sorted(map(int, inner)) != sorted(map(int, turned)):  # type: ignore[arg-type]
        return
    if [size for size in inner if size != 1] == [size for size in turned if size != 1]:
        return
    for step in case.origins.steps(operands[0]):
        if isinstance(step.node, ast.Call) and called_name(step.node) in ("reshape", "resize"):
            # The array was laid out anew itself: perhaps the layer puts that right.
            return
    turns = [axes for axes in permutations(range(len(inner))) if tuple(inner[a] for a in axes) == turned]
    candidates: tuple[Candidate, ...] = ()
    if len(turns) == 1:
        dims = f"(({', '.join(str(axis + 1) for axis in turns[0])}))"
        candidates = (
            Candidate(
                "transpose",
                say("{permute} in place of {reshape}", permute=f"Permute{dims}", reshape=class_of(layer))[
                    :60
                ],
                say("It moves whole axes and leaves every sample as it was."),
                "sure",
                source=lambda editor: editor.replace_layer(layer, "Permute", dims),
                target=layer.name,
                before=before,
                after=after,
            ),
        )
    sentence = say(
        "{layer} makes {after} of samples {before}: it keeps the numbers in the order in which they lie, so the timesteps are now a mix of several; to exchange the axes, Permute.",
        layer=f"Reshape '{layer.name}'",
        after=text(turned),
        before=text(inner),
    )
    yield case.notice("scrambled", sentence, operands[0], case.layer_info(layer, after, before), candidates)
