"""Does a model mind how many samples a batch has, and how many will there be?"""

from __future__ import annotations

from typing import Any

from rnnmagic.frameworks.keraslike import engine_of
from rnnmagic.values import as_shape, asked

OWN = ("keras.", "tf_keras.")
"""Beginnings of the module names of Keras's own layers, losses and metrics."""
_AS_BATCHED = ("_PrefetchDataset", "_OptionsDataset", "CacheDataset", "_ShuffleDataset")


def minds_batch_size(model: Any) -> bool:
    """Whether the model could fail on a smaller last batch: stateful, fixed, or user code in it."""
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) or type(layer).__name__ == "Lambda":
            return True
        if not type(layer).__module__.startswith(OWN):
            return True
    if fixed_batch_size(model) is not None:
        return True
    _, compiled = engine_of(model).compiled(model)
    metrics = getattr(compiled, "_user_metrics", None)
    weighted = getattr(compiled, "_user_weighted_metrics", None)
    return _has_own_code([getattr(model, "loss", None), metrics, weighted])


def fixed_batch_size(model: Any) -> int | None:
    """The one number of samples that the model's inputs are declared with."""
    for tensor in asked(model, "inputs") or ():
        shape = as_shape(tensor.shape)
        if shape and shape[0] is not None:
            return shape[0]
    return None


def _has_own_code(value: Any) -> bool:
    """Whether a loss or metric, or one in a structure of them, is not Keras's own."""
    if isinstance(value, dict):
        return any(_has_own_code(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(_has_own_code(item) for item in value)
    if value is None or isinstance(value, str):
        return False
    own = type(value) if not hasattr(value, "__qualname__") else value
    wrapped = getattr(value, "_fn", None) or getattr(value, "fn", None)
    return not str(getattr(own, "__module__", "")).startswith(OWN) or _has_own_code(wrapped)


_BATCHING = ("_BatchDataset", "_ParallelBatchDataset", "_PaddedBatchDataset", "_DenseToRaggedDataset")
_MAKING = ("_TensorSliceDataset", "_FlatMapDataset", "_InterleaveDataset", "_UnbatchDataset", "_ZipDataset")
"""Datasets whose elements are what came in, one by one: after them nothing is batched yet."""


def is_batched(dataset: Any) -> bool | None:
    """Whether the last step that decides it makes batches; `None` where that cannot be told.

    Told from how the pipeline was put together; it is not run. A `map` leaves batches what they are.
    """
    step, left = dataset, 16
    while step is not None and left:
        name = type(step).__name__
        if name in _BATCHING:
            return True
        if name in _MAKING:
            return False
        step, left = getattr(step, "_input_dataset", None), left - 1
    return None


def sizes_of_dataset(dataset: Any) -> tuple[int | None, int | None]:
    """Samples in a full batch and in a smaller last one, as the pipeline was put together; it is not run."""
    step, left = dataset, 8
    while type(step).__name__ in _AS_BATCHED and left:
        step, left = getattr(step, "_input_dataset", None), left - 1
    if type(step).__name__ not in ("_BatchDataset", "_ParallelBatchDataset"):
        return None, None
    try:
        whole, drop = int(step._batch_size.numpy()), bool(step._drop_remainder.numpy())
        # Told from how it is made; negative where it is endless or not known.
        count = int(step._input_dataset.cardinality().numpy())
    except Exception:
        return None, None
    rest = count % whole if whole > 0 and not drop and count > whole else 0
    return (min(whole, count) if 0 < count < whole else whole), rest or None
