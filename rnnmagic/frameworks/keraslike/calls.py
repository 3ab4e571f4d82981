"""Would this call on a Keras model pass? Told from the shapes of its arguments alone.

First what Keras's data adapters ask of the arguments (types, element types, equal numbers of
samples), then a dry run of the batches that would be made of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rnnmagic.frameworks.base import (
    Batch,
    Nest,
    Opaque,
    Outcome,
    Spec,
    Trial,
    Unfit,
    first_line,
    leaves,
    map_specs,
)
from rnnmagic.frameworks.keraslike import engine_of
from rnnmagic.frameworks.keraslike.batchsize import fixed_batch_size, minds_batch_size, sizes_of_dataset
from rnnmagic.frameworks.keraslike.elsewhere import IN_USE, works_elsewhere
from rnnmagic.frameworks.keraslike.labels import ignored_class, label_range
from rnnmagic.frameworks.keraslike.sittings import dry_run, sitting
from rnnmagic.frameworks.keraslike.windows import window_length
from rnnmagic.frameworks.wanted import is_rnn
from rnnmagic.values import as_shape, asked, describe, is_from, is_numeric

TRAINING = ("fit", "train_on_batch")
WITH_LOSS = ("fit", "evaluate", "train_on_batch", "test_on_batch")
OPAQUE = ("generator", "loader", "other")
_OF_ONE_INPUT = frozenset((
    "Embedding", "Masking", "Dense", "Conv1D", "Bidirectional", "TimeDistributed", "Dropout", "Flatten", "Reshape",
    "Normalization", "BatchNormalization", "LayerNormalization",
))  # fmt: skip
MANY_INPUTS = 64
"""A list of more arrays than this is a list of samples, not of inputs."""


def try_call(model: Any, method: str, arguments: dict[str, Any], *, open_sandbox: bool = False) -> Trial:
    """Try a call on shapes, inside a sandbox; with `open_sandbox` in one of its own.

    `arguments` are those of the method by name (`x`, `y`, `batch_size`, …; for `__call__`
    `inputs` and the keyword arguments). Raises nothing.
    """
    try:
        batches = list(batches_of(model, method, arguments))
    except Unfit as unfit:
        return Trial(False, reason=str(unfit), unfit=unfit, error=unfit)
    except Opaque as opaque:
        return Trial(False, known=False, reason=str(opaque))
    except Exception as error:
        return Trial(False, known=False, reason=f"{type(error).__name__}: {error}")
    if not batches:
        return Trial(False, known=False, reason="there is no data in the call")
    reason = IN_USE if works_elsewhere(model) else engine_of(model).cannot_tell(model, method)
    if reason is not None:
        return Trial(False, known=False, reason=reason)
    if not open_sandbox:
        return _run(model, batches, arguments)
    with engine_of(model).sandbox([model]), sitting():
        return _run(model, batches, arguments)


def _run(model: Any, batches: list[Batch], arguments: dict[str, Any]) -> Trial:
    outcome: Outcome | None = None
    outputs: Any = None
    for batch in batches:
        outcome = dry_run(model, batch)
        if not outcome.ok:
            return Trial(
                False,
                reason=first_line(outcome.error),
                error=outcome.error,
                batch=batch,
                outcome=outcome,
            )
        if outcome.broadcasts:
            target, output = outcome.broadcasts[0]
            return Trial(
                False,
                reason=f"the loss would stretch the target {target} over the output {output}",
                batch=batch,
                outcome=outcome,
            )
        beyond = labels_beyond(model, batch, outcome.output, arguments)
        if beyond is not None:
            return Trial(False, reason=str(beyond), error=beyond, unfit=beyond, batch=batch, outcome=outcome)
        if outputs is None and outcome.output is not None:
            count = samples_in(arguments.get("x", arguments.get("inputs")))
            first = batch.part == "call" or count is None
            outputs = outcome.output if first else _with_samples(outcome.output, count)
    return Trial(True, outcome=outcome, outputs=outputs)


def labels_beyond(model: Any, batch: Batch, output: Any, arguments: dict[str, Any]) -> Unfit | None:
    """Class numbers for which a sparse loss has no output."""
    from rnnmagic.frameworks.wanted import loss_name

    if not batch.loss or "sparse" not in loss_name(model) or not isinstance(output, tuple):
        return None
    classes = output[-1]
    role, y = "y", arguments.get("y")
    validation: Any = arguments.get("validation_data")
    if batch.part == "validation" and type(validation) in (list, tuple) and len(validation) > 1:
        role, y = "validation_y", validation[1]
    found = label_range(y, ignored=ignored_class(getattr(model, "loss", None)))
    if found is None or classes is None:
        return None
    lowest, highest = found
    if lowest >= 0 and highest < classes:
        return None
    return Unfit(
        "labels", role, f"class numbers run from {lowest} to {highest}, outputs from 0 to {classes - 1}"
    )


def _with_samples(shapes: Any, count: int | None) -> Any:
    if isinstance(shapes, tuple):
        return (count, *shapes[1:])
    if isinstance(shapes, dict):
        return {key: _with_samples(value, count) for key, value in shapes.items()}
    if isinstance(shapes, list):
        return [_with_samples(value, count) for value in shapes]
    return shapes


def samples_in(value: Any) -> int | None:
    """Length of the first axis of the first array in a structure."""
    if isinstance(value, dict):
        return next((samples_in(item) for item in value.values()), None)
    if type(value) in (list, tuple) and value and len(value) <= MANY_INPUTS:
        return samples_in(value[0])
    shape = describe(value).shape
    return shape[0] if shape else None


def batches_of(model: Any, method: str, arguments: dict[str, Any]) -> Iterator[Batch]:
    """The kinds of batch that a call makes, those of training first.

    Raises
    ------
    Unfit
        An argument that Keras's data adapters refuse.
    Opaque
        An argument that would have to be consumed to know its shapes.
    """
    lists = engine_of(model).lists_are_arrays
    if method == "__call__":
        inputs = next((arguments[k] for k in arguments if k in ("inputs", "x")), None)
        if inputs is None:
            inputs = next(iter(arguments.values()), None)
        options = {k: v for k, v in arguments.items() if k == "training" and isinstance(v, bool)}
        nest = specs(inputs, "inputs", n_inputs=inputs_of(model))
        yield Batch("call", nest, None, None, bool(options.get("training")), False, options)
        return

    x, y, weight = (arguments.get(name) for name in ("x", "y", "sample_weight"))
    training, loss = method in TRAINING, method in WITH_LOSS
    on_batch = method.endswith("on_batch")
    size = arguments.get("batch_size") if not on_batch else None
    size = int(size) if isinstance(size, int) and size > 0 else 32
    n_inputs, n_outputs = inputs_of(model), outputs_of(model)

    if is_from(x, "tensorflow", "DatasetV2", "Dataset"):
        yield from _dataset_batches(model, x, "train", training, loss, size)
    else:
        if describe(x).carrier in OPAQUE or is_from(x, "keras", "PyDataset"):
            raise Opaque(f"a {type(x).__name__} would have to be consumed to know its shapes")
        split = arguments.get("validation_split") or 0.0
        if lists and y is not None and (type(x) in (list, tuple)) != (type(y) in (list, tuple)):
            lists = False  # an array beside a list of numbers is not taken
        xs = specs(x, "x", n_inputs=n_inputs, lists=lists)
        ys = specs(y, "y", n_inputs=n_outputs, lists=lists)
        ws = specs(weight, "sample_weight", n_inputs=n_outputs, lists=lists)
        if ws is None and arguments.get("class_weight") is not None:
            ws = _weights_of_classes(ys)
        count = _check_counts([("x", xs), ("y", ys), ("sample_weight", ws)], "")
        held = 0
        if isinstance(split, float) and 0 < split < 1 and arguments.get("validation_data") is None:
            held = count - math.floor(count * (1 - split))
        for batch in _sizes(model, count - held, count if on_batch else size):
            yield Batch("train", _sized(xs, batch), _sized(ys, batch), _sized(ws, batch), training, loss)
        if held:
            for batch in _sizes(model, held, arguments.get("validation_batch_size") or size):
                yield Batch(
                    "validation", _sized(xs, batch), _sized(ys, batch), _sized(ws, batch), False, True
                )

    validation = arguments.get("validation_data")
    if validation is None:
        return
    size = arguments.get("validation_batch_size") or size
    if is_from(validation, "tensorflow", "DatasetV2", "Dataset"):
        yield from _dataset_batches(model, validation, "validation", False, True, size)
        return
    if type(validation) not in (list, tuple):
        if describe(validation).carrier in OPAQUE or is_from(validation, "keras", "PyDataset"):
            return
        raise Unfit("structure", "validation_x", "validation_data wants a pair (x, y)")
    items = [*validation, None, None][:3]
    xs = specs(items[0], "validation_x", n_inputs=n_inputs, lists=lists)
    ys = specs(items[1], "validation_y", n_inputs=n_outputs, lists=lists)
    ws = specs(items[2], "sample_weight", n_inputs=n_outputs, lists=lists)
    count = _check_counts([("validation_x", xs), ("validation_y", ys)], "validation ")
    for batch in _sizes(model, count, size):
        yield Batch("validation", _sized(xs, batch), _sized(ys, batch), _sized(ws, batch), False, True)


def _weights_of_classes(y: Nest) -> Nest:
    """What `class_weight` becomes: one weight a sample, of the class that the target names.

    Keras takes the last axis of a target for one-hot classes, or for an axis of size 1, and has no
    answer when there is more than one class left for a sample (`class_weight_to_sample_weights`).
    """
    if not isinstance(y, Spec) or not y.shape:
        return None
    if len(y.shape) > 2:
        raise Unfit(
            "class_weight", "y", "class_weight gives each sample one weight; y holds a class for each step"
        )
    return Spec((y.shape[0],), "float32")


def specs(
    value: Any, role: str, *, n_inputs: int | None = None, index: Any = None, lists: bool = False
) -> Nest:
    """Stand-ins for an argument: one `Spec`, or a structure of them.

    With `lists` a list of numbers, or of lists of numbers, is an array.

    Raises
    ------
    Unfit, Opaque
    """
    if value is None or isinstance(value, Spec):
        return value
    if isinstance(value, dict):
        return {key: specs(item, role, index=key) for key, item in value.items()}
    if type(value) in (list, tuple):
        described = describe(value)
        if lists and described.carrier == "list" and described.shape and _of_numbers(value, described.dtype):
            return Spec(described.shape, _standard(described.dtype))
        return _specs_of_list(value, role, n_inputs, index)
    described = describe(value)
    if described.carrier == "generator":
        raise Opaque("a generator would have to be consumed to know its shapes")
    dtype = described.dtype
    if described.carrier == "ragged" or described.lengths is not None:
        raise Unfit("ragged", role, "its sequences are of different length", index)
    if described.carrier == "frame" and dtype == "object" and _castable(value):
        dtype = "float32"
    if dtype in ("object", "str") or not is_numeric(dtype):
        raise Unfit("dtype", role, f"a layer cannot compute with elements of type {dtype}", index)
    if described.carrier == "ragged_tensor":
        raise Unfit("ragged", role, "its sequences are of different length", index)
    shape = described.shape
    if shape is None:
        if isinstance(value, (bool, int, float)):
            raise Unfit("list", role, "a plain number is no array", index)
        raise Opaque(f"the shape of a {type(value).__name__} is not known")
    if described.carrier == "series":
        shape = (*shape, 1)
    return Spec(shape, _standard(dtype))


def _specs_of_list(value: Any, role: str, n_inputs: int | None, index: Any) -> Nest:
    if not value:
        raise Unfit("list", role, "the list is empty", index)
    if index is None and _are_inputs(value, n_inputs):
        found = [specs(item, role, index=place) for place, item in enumerate(value)]
        return found if isinstance(value, list) else tuple(found)
    first = value[0]
    plain = isinstance(first, (bool, int, float, str)) or is_from(first, "numpy", "generic")
    if plain or type(first) in (list, tuple):
        described = describe(value)
        if described.carrier == "ragged":
            raise Unfit("ragged", role, "its sequences are of different length", index)
        raise Unfit("list", role, "a plain Python list is no array", index)
    many = len(value) > MANY_INPUTS or (n_inputs is not None and len(value) != n_inputs and len(value) > 3)
    if many:
        described = describe(value)
        if described.carrier == "ragged":
            raise Unfit("ragged", role, "its sequences are of different length", index)
        raise Unfit("list", role, "a list of arrays stands for several inputs, not for samples", index)
    items = [specs(item, role, index=place) for place, item in enumerate(value)]
    return items if isinstance(value, list) else tuple(items)


def _are_inputs(value: Any, n_inputs: int | None) -> bool:
    """Whether the items of a list are so unlike one another that they stand for inputs, not for samples."""
    from rnnmagic.evidence import is_structure

    if n_inputs is None or not is_structure(value):
        return False
    ranks = {len(describe(item).shape or ()) for item in value if type(item) not in (list, tuple)}
    nested = any(type(item) in (list, tuple) for item in value)
    return nested or n_inputs > 1 or len(ranks) > 1


def _of_numbers(value: Any, dtype: str | None) -> bool:
    """Whether there are plain numbers at the bottom of a list of lists."""
    while type(value) in (list, tuple) and value:
        value = value[0]
    return isinstance(value, (bool, int, float)) and dtype != "object" and is_numeric(dtype)


def _castable(frame: Any) -> bool:
    """Keras casts a whole frame to floatx when a column is a wider float; bools go along."""
    kinds = {str(dtype) for dtype in frame.dtypes}
    return all(kind.startswith(("float", "int", "uint", "bool")) for kind in kinds) and any(
        kind.startswith("float") and kind != "float32" for kind in kinds
    )


def _standard(dtype: str | None) -> str:
    if dtype is None or dtype.startswith(("float", "bfloat")):
        return "float32"
    return {"Int64": "int64", "Float64": "float32"}.get(dtype, dtype)


def _check_counts(groups: list[tuple[str, Nest]], what: str) -> int:
    counts = [(role, spec.shape[0]) for role, nest in groups for spec in leaves(nest) if spec.shape]
    if any(not spec.shape for _, nest in groups for spec in leaves(nest)):
        raise Unfit("count", groups[0][0], "a single number has no samples")
    if not counts:
        raise Opaque("there is no data")
    sizes = {count for _, count in counts}
    if len(sizes) > 1:
        first = counts[0][1]
        role = next(role for role, count in counts if count != first)
        told = ", ".join(f"{role} {count}" for role, count in counts)
        raise Unfit("count", role, f"the {what}arrays hold different numbers of samples: {told}")
    return int(counts[0][1] or 0)


def _sizes(model: Any, count: int, size: Any) -> list[int]:
    size = int(size) if isinstance(size, int) and size > 0 else 32
    if count <= 0:
        return []
    full = min(size, count)
    if count > size and count % size and minds_batch_size(model):
        return [full, count % size]
    return [full]


def _sized(nest: Nest, batch: int) -> Nest:
    return map_specs(lambda spec: replace(spec, shape=(batch, *spec.shape[1:])), nest)


def _dataset_batches(
    model: Any, dataset: Any, part: str, training: bool, loss: bool, size: int
) -> Iterator[Batch]:
    element = dataset.element_spec
    items = element if type(element) is tuple else (element,)

    def nest(item: Any) -> Nest:
        if item is None:
            return None
        if isinstance(item, dict):
            return {key: nest(value) for key, value in item.items()}
        if type(item) in (list, tuple):
            return type(item)(nest(value) for value in item)
        if type(item).__name__ == "RaggedTensorSpec":
            raise Unfit("ragged", "x", "its sequences are of different length")
        if getattr(item.shape, "rank", 0) is None:
            raise Opaque("the dataset does not know the rank of its elements")
        dtype = getattr(item.dtype, "name", "float32")
        if dtype == "string":
            raise Unfit("dtype", "x", "a layer cannot compute with text")
        shape = as_shape(item.shape)
        return Spec(shape or (), _standard(dtype))

    nests = [nest(item) for item in items]
    nests += [None] * (3 - len(nests))
    nests[0] = _as_long(nests[0], dataset, model)
    whole, rest = sizes_of_dataset(dataset)
    whole = whole or fixed_batch_size(model) or size
    for count in (whole, rest if minds_batch_size(model) else None):
        if count is not None:
            # A batch size that the specs leave open, everywhere the same.
            x, y, weight = (_opened(item, count) for item in nests[:3])
            yield Batch(part, x, y, weight, training, loss)


def _as_long(x: Nest, dataset: Any, model: Any) -> Nest:
    """The batches' timesteps, where the specs leave them open, the model does not, and the pipeline tells them."""
    inputs: Any = asked(model, "inputs") or ()
    wanted = as_shape(inputs[0].shape) if len(inputs) == 1 else None
    if not isinstance(x, Spec) or wanted is None or len(wanted) < 2 or wanted[1:2] == (None,):
        return x
    if len(x.shape) != len(wanted) or x.shape[:2] != (None, None):
        return x
    return replace(x, shape=(None, window_length(dataset), *x.shape[2:]))


def _opened(nest: Nest, count: int) -> Nest:
    def opened(spec: Spec) -> Spec:
        return replace(spec, shape=(spec.shape[0] or count, *spec.shape[1:])) if spec.shape else spec

    return map_specs(opened, nest)


def inputs_of(model: Any) -> int | None:
    # A Sequential model without a shape raises, before Keras 3.5.
    inputs = asked(model, "inputs")
    if inputs:
        return len(inputs)
    layers = asked(model, "layers") if type(model).__name__ == "Sequential" else None
    # Of layers in a row, only the first decides whether a list is one input or several.
    return 1 if layers and (is_rnn(layers[0]) or type(layers[0]).__name__ in _OF_ONE_INPUT) else None


def outputs_of(model: Any) -> int | None:
    outputs = asked(model, "outputs")
    return len(outputs) if outputs else None
