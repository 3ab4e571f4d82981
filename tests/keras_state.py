"""Looks at all of a Keras model's state, and of Keras's own, to tell whether anything changed."""

from __future__ import annotations

import random
import sys
from types import ModuleType
from typing import Any

import keras
import numpy as np


def fingerprint(model: Any) -> dict[str, Any]:
    """All that a call may change: every attribute of every Keras object within, values, random states."""
    seen: dict[str, Any] = {
        "python random": random.getstate(),
        "numpy random": plain(np.random.get_state()),
        "tensorflow random": tf_random(),
    }
    _walk(model, "model", seen, set())
    return seen


def tf_random() -> Any:
    generator = getattr(sys.modules["tensorflow.python.eager.context"].context(), "_rng", None)
    return None if generator is None else generator.getstate()


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    return value


def _walk(item: Any, path: str, seen: dict[str, Any], done: set[int]) -> None:
    if isinstance(item, keras.Variable):
        raw = item._value
        seen[path] = ("variable", item.name, None if raw is None else plain(np.asarray(raw)))
        return
    if item is None or isinstance(item, (bool, int, float, str)):
        seen[path] = item
        return
    if id(item) in done:
        return
    done.add(id(item))
    # The type, not isinstance: TensorFlow's tracking wrappers lie about their class.
    kind = type(item)
    if issubclass(kind, (list, tuple)):
        seen[path] = (kind.__name__, len(item))
        for place, inner in enumerate(item):
            _walk(inner, f"{path}[{place}]", seen, done)
    elif issubclass(kind, dict):
        seen[path] = (kind.__name__, sorted(map(str, item)))
        for key, inner in list(item.items()):
            _walk(inner, f"{path}[{key!s}]", seen, done)
    elif issubclass(kind, (set, frozenset)):
        seen[path] = (kind.__name__, len(item))
    elif any(base.__module__.startswith("keras.") for base in kind.__mro__) and hasattr(item, "__dict__"):
        seen[path] = (kind.__name__, sorted(vars(item)))
        for name, inner in sorted(vars(item).items()):
            _walk(inner, f"{path}.{name}", seen, done)
    else:
        seen[path] = kind.__name__  # functions, tensors, TensorFlow's own bookkeeping


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        f"{path}: {str(before.get(path))[:120]} -> {str(after.get(path))[:120]}"
        for path in sorted({*before, *after})
        if before.get(path, "-") != after.get(path, "-")
    ]


def weights(model: Any) -> list[bytes]:
    held = [*model.variables, *(model.optimizer.variables if model.optimizer else ())]
    return [np.asarray(variable).tobytes() for variable in held]


def patched_places() -> dict[str, Any]:
    """What stands in Keras and TensorFlow where anyone might listen in."""
    from keras.src import backend
    from keras.src.backend.tensorflow import trainer as tf_trainer
    from keras.src.losses import losses
    from keras.src.trainers import trainer
    from keras.src.utils import traceback_utils
    from tensorflow.python.util import traceback_utils as tf_traceback_utils

    owners = [
        keras.Model, keras.Sequential, keras.Layer, keras.layers.RNN, keras.layers.LSTM, keras.layers.GRU,
        keras.layers.SimpleRNN, keras.optimizers.Adam, keras.optimizers.Optimizer, trainer.Trainer,
        tf_trainer.TensorFlowTrainer, traceback_utils, tf_traceback_utils, *backend.Variable.__mro__[:2],
        losses, backend, random, np.random,
    ]  # fmt: skip
    places = {
        f"{getattr(owner, '__module__', '')}.{owner.__name__}.{name}": value
        for owner in owners
        for name, value in vars(owner).items()
        if isinstance(owner, ModuleType) or callable(value) or isinstance(value, (property, classmethod))
    }
    return places | {
        "filtering": traceback_utils.is_traceback_filtering_enabled(),
        "meta_path": tuple(sys.meta_path),
        "excepthook": sys.excepthook,
    }


def assert_nothing_patched(before: dict[str, Any]) -> None:
    after = patched_places()
    assert before.keys() == after.keys()
    assert [name for name, value in before.items() if after[name] is not value and after[name] != value] == []
