"""A Sequential takes sequences of any length, whatever its Input declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.evidence import X_ROLES, Operand
from rnnmagic.frameworks.keraslike.windows import window_length
from rnnmagic.frameworks.wanted import class_of, is_rnn, layers_of
from rnnmagic.language import say
from rnnmagic.ops import Expand, Slice
from rnnmagic.report import Notice, Shape
from rnnmagic.silent.cases import Case
from rnnmagic.values import as_shape, asked


def timesteps_unchecked(case: Case) -> Iterator[Notice]:
    """Declared with T steps, fed with another number."""
    declared = _declared(case.model)
    if declared is None:
        return
    steps, agreed = declared[1], False
    for operand in case.evidence.operands:
        told = operand.described.shape
        shape = told or _of_batches(operand.value)
        if (
            told is not None
            and shape is not None
            and len(shape) == 2
            and len(declared) == 3
            and declared[2] == 1
        ):
            # Keras adds the last axis by itself: one sample (T, 1) becomes T samples of one step.
            shape = (*shape, 1)
        if operand.role not in X_ROLES or shape is None or len(shape) != len(declared):
            continue
        if shape[1] is None or shape[1] == steps or shape[2:] != declared[2:]:
            agreed = agreed or shape[1] == steps
            continue
        if not _written(case):
            # Sequential has declared itself from the first data that it saw.
            return
        alone = told == declared[1:]
        yield _one_sample(case, operand, declared) if alone else _say(case, operand, declared, shape, agreed)
        return


def _of_batches(value: Any) -> Shape | None:
    """The shape of x in the batches of a `tf.data` dataset, which is told without reading it."""
    element = getattr(value, "element_spec", None)
    shape = as_shape(getattr(element[0] if type(element) is tuple else element, "shape", None))
    if shape is not None and len(shape) > 1 and shape[1] is None:
        return (shape[0], window_length(value), *shape[2:])
    return shape


def _one_sample(case: Case, operand: Operand, declared: tuple[int | None, ...]) -> Notice:
    """One sample without its batch axis, read as many samples of one timestep."""
    shape = operand.described.shape or ()
    op = Expand(0)
    sentence = say(
        "`{array}` {shape} is one sample without its batch axis: Keras adds a last axis instead and reads {samples} of one timestep.",
        array=operand.label,
        shape=text(shape),
        samples=plural(shape[0], "sample"),
    )
    batch = Candidate(
        op.kind, say("Make a batch of one: {shape}", shape=text(op.shape(shape)))[:60],
        say("A model answers for a batch; one sample is a batch of size 1."), "sure", data=((operand, op),),
        target=operand.name, before=shape, after=op.shape(shape), siblings=False,
    )  # fmt: skip
    layer = case.layer_info(layers_of(case.model)[0], declared, (*shape, 1))
    return case.notice("timesteps_unchecked", sentence, operand, layer, (batch,))


def _declared(model: Any) -> tuple[int | None, ...] | None:
    """The declared input shape where its second axis is time and has a size."""
    if not any(base.__name__ == "Sequential" for base in type(model).__mro__):
        return None
    layers = layers_of(model)
    if not any(is_rnn(layer) for layer in layers):
        return None
    if any(getattr(layer, "stateful", False) for layer in layers):
        # Often trained on long stretches and asked for one step at a time.
        return None
    inputs = asked(model, "inputs") or []
    shape = as_shape(inputs[0].shape) if len(inputs) == 1 else None
    if shape is None or len(shape) < 2 or shape[1] is None:
        return None
    if len(shape) == 2 and class_of(layers[0]) != "Embedding":
        return None
    return shape


def _written(case: Case) -> bool:
    """Whether the notebook itself declares the input of the model."""
    try:
        return bool(case.editor.source.input_sites())
    except Exception:
        return False


def _say(
    case: Case, operand: Operand, declared: tuple[int | None, ...], shape: Shape, agreed: bool
) -> Notice:
    """`agreed`: another array of the call has the declared length, so that the declaration stands."""
    first = layers_of(case.model)[0]
    word = case.model_word[:1].upper() + case.model_word[1:]
    sentence = say(
        "{model} is declared for {timesteps}, {shape}, but `{array}` {real_shape} has {size}: a Sequential does not check the length and takes it all the same.",
        model=word,
        timesteps=plural(declared[1], "timestep"),
        shape=text(declared[1:]),
        array=operand.label,
        real_shape=text(shape),
        size=shape[1],
    )
    candidates = (
        []
        if agreed
        else [
            Candidate(
                "input_shape",
                say(
                    "Declare {timesteps}: {shape}",
                    timesteps=plural(shape[1], "timestep"),
                    shape=text(shape[1:]),
                )[:60],
                say("Right when the data is as it should be and the declaration is out of date."),
                "likely",
                source=lambda editor: editor.set_input_shape(shape[1:], operand),
                target=case.evidence.model_name,
                before=declared,
                after=(declared[0], *shape[1:]),
            )
        ]
    )
    array = operand.described.shape is not None
    if array and declared[1] is not None and (shape[1] or 0) > declared[1]:
        op = Slice(1, -declared[1], None, kind="truncate", repeatable=True)
        candidates.append(
            Candidate(
                op.kind,
                say("Keep the last {timesteps}", timesteps=plural(declared[1], "timestep"))[:60],
                say("Right when the model has been trained on that length."),
                "possible",
                say("The earlier timesteps are not used."),
                data=((operand, op),),
                target=operand.name,
                before=shape,
                after=op.shape(shape),
            )
        )
    layer = case.layer_info(first, declared, shape)
    return case.notice("timesteps_unchecked", sentence, operand, layer, tuple(candidates))
