"""How long the windows of a `timeseries_dataset_from_array` are; its `element_spec` does not say.

Keras cuts them with a function that holds the length it was asked for. That is read off the
pipeline as it was put together; no element is drawn.
"""

from __future__ import annotations

from typing import Any

from rnnmagic.frameworks.keraslike.batching import MAPS, OWN, steps_of

LENGTH_STAYS = (
    "_PrefetchDataset", "_OptionsDataset", "CacheDataset", "_ShuffleDataset", "_RepeatDataset", "_TakeDataset",
    "_SkipDataset", "_ShardDataset", "_BatchDataset", "_ParallelBatchDataset", "_UnbatchDataset", "_RebatchDataset",
)  # fmt: skip
"""Steps that leave every window what it is. A `map` of the user's is none: it may cut them."""


def window_length(dataset: Any) -> int | None:
    """Timesteps of each window, `None` where the pipeline is another or was changed on its way."""
    step, left = dataset, 32
    while type(step).__name__ in LENGTH_STAYS and left:
        step, left = getattr(step, "_input_dataset", None), left - 1
    if type(step).__name__ not in ("_ZipDataset", *MAPS) or not _is_kerass(step):
        return None
    found = {length for one in steps_of(step) if (length := _held(one)) is not None}
    return found.pop() if len(found) == 1 else None


def _is_kerass(step: Any) -> bool:
    """Whether all functions in a pipeline are Keras's own."""
    return all(
        str(getattr(_function(one), "__module__", "")).startswith(OWN)
        for one in steps_of(step)
        if hasattr(one, "_map_func") or hasattr(one, "_predicate")
    )


def _function(step: Any) -> Any:
    return getattr(getattr(step, "_map_func", None), "_func", None)


def _held(step: Any) -> int | None:
    """The `sequence_length` that the function of a step was made with."""
    function = _function(step)
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(getattr(code, "co_freevars", ()), cells or (), strict=False):
        if name == "sequence_length":
            try:
                return int(cell.cell_contents)
            except (TypeError, ValueError):
                return None
    return None
