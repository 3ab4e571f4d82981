"""Sequences of unequal length."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.carriers.wording import short
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import later, say
from rnnmagic.ops import Dense, Pad
from rnnmagic.report import Parameter
from rnnmagic.values import describe

MASK_THEM = later("Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer).")


def ragged(
    operand: Operand, phase: str, *, ids: bool = False, masked: bool | None = None, maxlen: int | None = None
) -> Diagnosis:
    """Sequences of unequal length. `ids`: they are word numbers for an Embedding."""
    described = operand.described
    if described.carrier == "ragged_tensor":
        return _ragged_tensor(operand, phase)
    lengths = described.lengths or ()
    name = operand.label
    count = (described.shape or (None,))[0]
    longest = maxlen or (max(lengths) if lengths else 1)
    if lengths:
        sentence = say(
            "`{name}` holds {count} sequences from {shortest} to {longest} timesteps long; an array needs one length for all. Pad them.",
            name=name,
            count=count,
            shortest=min(lengths),
            longest=max(lengths),
        )
    else:
        sentence = say(
            "`{name}` holds {count} sequences of different length timesteps long; an array needs one length for all. Pad them.",
            name=name,
            count=count,
        )
    integers = ids or _whole_numbers(operand)
    dtype = "int32" if integers else "float32"

    def padded(values: Mapping[str, Any]) -> Candidate:
        length = int(values.get("maxlen", longest))
        side = str(values.get("side", "post"))
        value = float(values.get("value", 0.0))
        op = Pad(length, side, value, dtype, described.inner, truncating=side)
        shortened = sum(1 for n in lengths if n > length)
        cautions = [] if masked else [say(MASK_THEM)]
        if shortened:
            cautions.append(
                say(
                    "{shortened} of {sequences} sequences are cut to {length}.",
                    shortened=shortened,
                    sequences=len(lengths),
                    length=length,
                )
            )
        return Candidate(
            "pad",
            say("Pad {name} to {timesteps}", name=name, timesteps=plural(length, "timestep"))
            if len(name) < 24
            else say("Pad the sequences to {timesteps}", timesteps=plural(length, "timestep")),
            say("Shorter sequences are filled up, so that all have one length."),
            "sure",
            " ".join(cautions) or None,
            data=((operand, op),),
            target=operand.name,
            before=described.shape,
            after=op.shape(described.shape or (None,)),
            parameters={
                "side": Parameter(say("side that is padded"), side, ("post", "pre")),
                "maxlen": Parameter(say("length in timesteps"), length, _choices(lengths, length)),
                "value": Parameter(say("value that fills"), value, (0.0, -1.0, -10.0, -99.0)),
            },
            vary=padded,
        )

    advice = () if masked else (
        (say("Padded steps are read as data unless they are masked: Embedding(…, mask_zero=True) for ids, Masking(mask_value=…) before the first recurrent layer for numbers.")),
    )  # fmt: skip
    return Diagnosis(
        "ragged",
        sentence,
        phase,
        operand,
        candidates=(padded({}),),
        advice=advice,
        axes=("samples", "timesteps"),
    )


def _ragged_tensor(operand: Operand, phase: str) -> Diagnosis:
    name, shape = operand.label, operand.described.shape
    return Diagnosis(
        "ragged",
        say("`{name}` is a ragged tensor {shape}: its sequences are of different length, and a layer needs one length for all. Fill them up with to_tensor().", name=name, shape=text(shape)),
        phase,
        operand,
        candidates=(
            Candidate(
                "pad", say("Fill {array} up: {array}.to_tensor()", array=short(name))[:60],
                say("Shorter sequences are filled up with zeros at the end."), "sure",
                say(MASK_THEM),
                data=((operand, Dense()),), target=operand.name, before=shape, after=shape,
            ),
        ),
        axes=("samples", "timesteps", "features")[: len(shape or ())],
    )  # fmt: skip


def _choices(lengths: tuple[int, ...], chosen: int) -> tuple[int, ...]:
    if not lengths:
        return (chosen,)
    ordered = sorted(lengths)
    quantiles = {ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.75, 0.9, 0.95)}
    return tuple(sorted({*quantiles, ordered[-1], chosen} - {0}))


def _whole_numbers(operand: Operand) -> bool:
    try:
        row = next(item for item in operand.value if len(item))
        first = row[0]
    except Exception:
        return False
    if isinstance(first, bool):
        return False
    if isinstance(first, int):
        return True
    dtype = str(getattr(row, "dtype", getattr(first, "dtype", "")))
    return dtype.startswith(("int", "uint"))


LAYS_TOGETHER = ("stack", "vstack", "concatenate", "hstack", "concat", "dstack", "column_stack")
"""Functions that join what may be of several kinds, and not only the samples of one array."""
RAGGED_MAKERS = (
    "array",
    "asarray",
    "asanyarray",
    "stack",
    "vstack",
    "constant",
    "convert_to_tensor",
    "concatenate",
    "Variable",
)


def ragged_while_made(evidence: Evidence) -> Diagnosis | None:
    """`np.array(sequences)` and its like on sequences of unequal length."""
    from rnnmagic.diagnosis.carriers.readers import is_masked_later
    from rnnmagic.evidence import name_operand
    from rnnmagic.source import Unknowable, value_of

    for place in reversed(evidence.places):
        call = place.call
        if call is None or not call.args:
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in RAGGED_MAKERS:
            continue
        try:
            value = value_of(call.args[0], *place.scopes)
        except Unknowable:
            continue
        described = describe(value)
        if described.lengths is None or len(set(described.lengths)) < 2:
            continue
        if name in LAYS_TOGETHER and isinstance(call.args[0], (ast.List, ast.Tuple)):
            # `np.vstack([answers, targets])`: things of several kinds are laid together, no samples of one.
            continue
        operand = Operand("x", None, value, described, node=call.args[0], place=place)
        named = name_operand(operand, evidence.places, evidence.namespace)
        return ragged(named, "data", masked=is_masked_later(evidence))
    return None
