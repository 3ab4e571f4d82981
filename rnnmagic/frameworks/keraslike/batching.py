"""Can a dataset's batches be made at all? Told from how its pipeline was put together; it is not run.

`batch()` lays elements together that are of one shape only. Where a shape leaves a size open
(`element_spec` with `None`), the elements may differ, and TensorFlow says so only while it runs: the
last of the batches that are batched again is shorter, the last windows of a series too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rnnmagic.values import as_shape

STEPS_AT_MOST = 64
_BATCHING = ("_BatchDataset", "_ParallelBatchDataset")
_AS_THEY_COME = ("_PrefetchDataset", "_OptionsDataset", "CacheDataset", "_MapDataset", "_ParallelMapDataset")
"""Steps after which the elements are as many as before, in the same order."""
_IN_ANY_NUMBER = ("_ShuffleDataset", "_RepeatDataset")
_SOME_OF_THEM = ("_TakeDataset", "_SkipDataset", "_FilterDataset", "_ShardDataset")
_FLAT = ("_FlatMapDataset", "_InterleaveDataset", "_ParallelInterleaveDataset")
MAPS = ("_MapDataset", "_ParallelMapDataset")
OWN = ("keras.", "tf_keras.")


def can_be_batched(dataset: Any) -> bool | None:
    """Whether every `batch()` of a `tf.data` pipeline gets elements of one shape; `None` where that cannot be told."""
    answers = []
    for step in steps_of(dataset):
        if type(step).__name__ in _BATCHING:
            inner = getattr(step, "_input_dataset", None)
            answers.append(_laid_together(inner, step) if inner is not None else None)
    return _all(answers)


def one_size(dataset: Any) -> bool:
    """Whether a dataset's batches are known to be all of one size: a single one, or no size left open."""
    return _known(dataset) or _equal(dataset) is True


def steps_of(dataset: Any) -> Iterator[Any]:
    """The dataset and all that it is made of."""
    pending, left = [dataset], STEPS_AT_MOST
    while pending and left:
        step = pending.pop()
        left -= 1
        yield step
        pending += _inputs(step)


def _inputs(step: Any) -> list[Any]:
    asked: Callable[[], list[Any]] | None = getattr(step, "_inputs", None)
    try:
        return list(asked()) if asked is not None else []
    except Exception:
        return []


def _all(answers: list[bool | None]) -> bool | None:
    if any(answer is False for answer in answers):
        return False
    return None if None in answers else True


def _laid_together(inner: Any, batching: Any) -> bool | None:
    """Whether the elements of `inner` that `batching` lays together are of one shape."""
    if _known(inner):
        return True
    found = _shortest_last(inner)
    if found is None:
        return _equal(inner)
    count, in_order = found
    try:
        size, dropped = int(batching._batch_size.numpy()), bool(batching._drop_remainder.numpy())
    except Exception:
        return None
    left = count % size
    if size < 2:
        return True
    if in_order:
        # The short one is in company, unless it is the only one of the last group or goes with it.
        return left == 1 or (dropped and left > 0)
    return None if left == 1 or (dropped and left) else False


def _known(dataset: Any) -> bool:
    """Whether every array of an element has a shape without an open size, or may be ragged."""
    pending, left = [getattr(dataset, "element_spec", None)], 256
    while pending and left:
        spec = pending.pop()
        left -= 1
        if isinstance(spec, dict):
            pending += list(spec.values())
        elif isinstance(spec, (tuple, list)):
            pending += list(spec)
        elif type(spec).__name__ == "TensorSpec":
            shape = as_shape(getattr(spec, "shape", None))
            if shape is None or None in shape:
                return False
    return True


def _shortest_last(dataset: Any) -> tuple[int, bool] | None:
    """For batches of which only the last is shorter: their number, and whether it still comes last.

    `None` where the elements are no such batches, or are all of one size.
    """
    step, in_order, mapped = dataset, True, False
    for _ in range(STEPS_AT_MOST):
        name = type(step).__name__
        if name in _BATCHING:
            break
        mapped = mapped or name in MAPS
        if name == "_ShuffleDataset":
            in_order = False
        elif name not in _AS_THEY_COME:
            return None
        step = getattr(step, "_input_dataset", None)
    else:
        return None
    rest = _rest(step)
    if not rest or mapped:
        # What a function of the user's makes of a batch may be of one size all the same.
        return None
    return -(-_cardinality(step._input_dataset) // int(step._batch_size.numpy())), in_order


def _rest(step: Any) -> int | None:
    """Elements in the last batch when it is not full, 0 when it is; `None` where the number is not known."""
    try:
        size, dropped = int(step._batch_size.numpy()), bool(step._drop_remainder.numpy())
    except Exception:
        return None
    count = _cardinality(step._input_dataset)
    if dropped or count == -1 or 0 <= count <= size:
        # All full, endless, or one batch alone.
        return 0
    return None if count < 0 else count % size


def _cardinality(dataset: Any) -> int:
    """Number of elements, -1 for endless, -2 for unknown."""
    try:
        return int(dataset.cardinality().numpy())
    except Exception:
        return -2


def _equal(dataset: Any) -> bool | None:
    """Whether all elements are of one shape although it is left open."""
    name = type(dataset).__name__
    inputs = _inputs(dataset)
    if _known(dataset):
        return True
    if name in _BATCHING:
        return None if _rest(dataset) != 0 else _equal(inputs[0])
    if name == "_WindowDataset":
        return _windows_equal(dataset)
    if name in MAPS:
        function = getattr(getattr(dataset, "_map_func", None), "_func", None)
        if str(getattr(function, "__module__", "")).startswith(OWN):
            # The windows of `timeseries_dataset_from_array` are all of one length.
            return True
        # A function makes equal windows of equal windows, as a rule; what it makes of texts is not known.
        return True if not _known(inputs[0]) and _equal(inputs[0]) else None
    if name in _FLAT:
        window = next((step for step in steps_of(dataset) if type(step).__name__ == "_WindowDataset"), None)
        return _windows_equal(window) if window is not None else None
    if name in _IN_ANY_NUMBER or name in _AS_THEY_COME:
        return _equal(inputs[0])
    if name in _SOME_OF_THEM:
        # Those that are left out may be the ones that differ.
        return _equal(inputs[0]) or None
    if name == "_ZipDataset":
        return _all([_equal(one) for one in inputs]) if inputs else None
    return None


def _windows_equal(step: Any) -> bool | None:
    """Whether the windows of a series are all of one length: those at its end have fewer elements left."""
    try:
        size, shift, stride = (int(n.numpy()) for n in (step._size, step._shift, step._stride))
        if bool(step._drop_remainder.numpy()):
            return True
    except Exception:
        return None
    count = _cardinality(step._input_dataset)
    if count == -1:
        return True
    if count < 0:
        return None
    last = (max(count - 1, 0) // shift) * shift
    return last + (size - 1) * stride < count
