"""Will a call on a Keras model fail later on? Told before its first step, on shapes.

A failure in the very first batch shows at once by itself. One in the last, smaller batch, in the
validation after an epoch, or on a class number somewhere in the target may take hours to show.
"""

from __future__ import annotations

from typing import Any

from rnnmagic.frameworks.base import Ahead, Batch, Opaque, Outcome, Trial, Unfit, When, first_line
from rnnmagic.frameworks.keraslike import engine_of
from rnnmagic.frameworks.keraslike.calls import batches_of, labels_beyond
from rnnmagic.frameworks.keraslike.elsewhere import works_elsewhere
from rnnmagic.frameworks.keraslike.looks import passes, try_batch

METHODS = ("fit", "evaluate", "predict")


def foresee(model: Any, method: str, arguments: dict[str, Any], *, sure: bool = True) -> Ahead | None:
    """The first failure that a call runs into, `None` when none can be seen.

    Nothing of the arguments is consumed, and nothing of the model is changed. Costs one dry run for
    each kind of batch that was not seen to pass before, and another for one that fails; not, without
    `sure`, for one that fails at once.
    """
    if not _can_be_told(model, method):
        return None
    epoch = _validated_after(arguments) if method == "fit" else 1
    if method == "fit" and not _epochs(arguments):
        return None
    try:
        batches = list(batches_of(model, method, arguments))
    except Unfit as unfit:
        if not unfit.role.startswith("validation") or epoch is None:
            return None
        return Ahead(
            Trial(False, reason=str(unfit), unfit=unfit, error=unfit), "validation", False, epoch=epoch
        )
    except Opaque:
        return None
    if method != "fit" and len(batches) < 2 and not _is_sparse(model, method):
        return None
    seen: set[str] = set()
    for batch in batches:
        again, validation = batch.part in seen, batch.part == "validation"
        seen.add(batch.part)
        if (validation and epoch is None) or (again and _is_cut(arguments, validation)):
            continue
        found = _try(model, batch, arguments, again, sure)
        if found is not None:
            return found if epoch is None else _after(found, epoch)
    return None


def _try(model: Any, batch: Batch, arguments: dict[str, Any], again: bool, sure: bool) -> Ahead | None:
    look = passes(model, batch)
    outcome = None
    if look is None:
        outcome = try_batch(model, batch)
        when = _when(batch, outcome, again)
        if not outcome.ok and (sure or when != "first") and not _unrolls(model):
            # Before a word is said: once more without any shortcut of ours.
            outcome = try_batch(model, batch, exact=True)
            when = _when(batch, outcome, again)
        if not outcome.ok:
            trial = Trial(
                False, reason=first_line(outcome.error), error=outcome.error, batch=batch, outcome=outcome
            )
            return Ahead(trial, when, True, _samples(batch))
        look = passes(model, batch)
    output = look.output if look is not None else None
    beyond = labels_beyond(model, batch, output, arguments)
    if beyond is None:
        return None
    if outcome is None:
        outcome = Outcome(True, output=output)
    trial = Trial(False, reason=str(beyond), error=beyond, unfit=beyond, batch=batch, outcome=outcome)
    return Ahead(trial, "labels", engine_of(model).minds_labels(model), None)


def _when(batch: Batch, outcome: Outcome, again: bool) -> When:
    if batch.part == "validation":
        return "validation"
    if again:
        return "last"
    return "metric" if outcome.phase == "metric" else "first"


def _after(found: Ahead, epoch: int) -> Ahead:
    return Ahead(found.trial, found.when, found.certain, found.samples, epoch)


def _can_be_told(model: Any, method: str) -> bool:
    """Whether the steps of the call are Keras's own, on one device."""
    engine = engine_of(model)
    if engine.cannot_tell(model, method) or not engine.may_be_told_before(model):
        return False
    if works_elsewhere(model):
        return False
    if not engine.is_compiled(model):
        return False
    steps = {
        "fit": ("fit", "train_step", "test_step", "evaluate", "make_train_function", "make_test_function"),
        "evaluate": ("evaluate", "test_step", "make_test_function"),
        "predict": ("predict", "predict_step", "make_predict_function"),
    }[method]
    cls = type(model)
    for name in steps:
        if not str(getattr(getattr(cls, name, None), "__module__", "")).startswith(f"{engine.package}."):
            return False
    strategy = getattr(model, "distribute_strategy", None)
    if strategy is not None and getattr(strategy, "num_replicas_in_sync", 1) != 1:
        return False
    # A function that TensorFlow, JAX or torch has compiled keeps its trace, and would keep that of a dry run.
    return not any(_is_compiled(getattr(type(layer), "call", None)) for layer in model._flatten_layers())


def _is_compiled(function: Any) -> bool:
    return any(hasattr(function, name) for name in ("python_function", "lower", "_torchdynamo_orig_callable"))


def _epochs(arguments: dict[str, Any]) -> range:
    first, last = arguments.get("initial_epoch", 0), arguments.get("epochs", 1)
    return range(first, last) if isinstance(first, int) and isinstance(last, int) else range(1)


def _validated_after(arguments: dict[str, Any]) -> int | None:
    """Number of the first epoch, from 1, that is followed by a validation; `None` for none."""
    frequency = arguments.get("validation_freq", 1)
    for epoch in _epochs(arguments):
        if isinstance(frequency, int):
            if frequency > 0 and (epoch + 1) % frequency == 0:
                return epoch + 1
        elif type(frequency) in (list, tuple, set) and epoch + 1 in frequency:
            return epoch + 1
    return None


def _is_cut(arguments: dict[str, Any], validation: bool) -> bool:
    """Whether a number of steps is given, so that the last batch may never come."""
    names = ("validation_steps",) if validation else ("steps_per_epoch", "steps")
    return any(arguments.get(name) is not None for name in names)


def _is_sparse(model: Any, method: str) -> bool:
    from rnnmagic.frameworks.wanted import loss_name

    return method == "evaluate" and "sparse" in loss_name(model)


def _unrolls(model: Any) -> bool:
    """Whether a layer is written out step by step, so that a run of it as it is takes long."""
    return any(getattr(layer, "unroll", False) for layer in model._flatten_layers())


def _samples(batch: Batch) -> int | None:
    from rnnmagic.frameworks.base import leaves

    return next((spec.shape[0] for spec in leaves(batch.x) if spec.shape), None)
