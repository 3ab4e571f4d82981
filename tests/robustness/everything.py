"""Looks at all of a process that a check may not change: what a notebook has, and what it runs in.

Imported where the notebook runs, in a kernel or in a test's own process. Everything is told as plain
values that can be compared; an object that is patched in and out is told by its identity.
"""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np
import psutil
import tensorflow as tf
from keras_state import fingerprint, patched_places, plain

FRAMEWORKS = ("tensorflow", "keras", "tf_keras", "torch", "jax", "pandas", "sklearn", "matplotlib")


def environment() -> dict[str, Any]:
    """All around a notebook's variables: the interpreter, the process, NumPy's, Keras's and TensorFlow's settings."""
    from keras.src.backend.common import global_state
    from keras.src.saving import object_registration

    seen: dict[str, Any] = {
        "warnings": [tuple(map(str, entry)) for entry in warnings.filters],
        "warnings shown by": (warnings.showwarning, warnings.formatwarning, warnings._showwarnmsg_impl),
        "meta_path": tuple(sys.meta_path),
        "path_hooks": tuple(sys.path_hooks),
        "sys.path": tuple(sys.path),
        "excepthooks": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "displayhook": sys.displayhook,
        "streams": (sys.stdout, sys.stderr),
        "trace": (sys.gettrace(), sys.getprofile()),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), gc.isenabled(), gc.get_threshold()),
        "signals": tuple(
            (number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
        ),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "open files": sorted(file.path for file in psutil.Process().open_files()),
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "locale": locale.setlocale(locale.LC_ALL),
        "decimal": str(decimal.getcontext()),
        "numpy": (tuple(np.geterr().items()), np.geterrcall(), str(np.get_printoptions())),
        "eager": (tf.config.functions_run_eagerly(), tf.config.optimizer.get_jit()),
        "devices": (str(tf.config.get_soft_device_placement()), tf.executing_eagerly()),
        "keras config": (
            keras.config.backend(), keras.config.floatx(), keras.config.epsilon(),
            keras.config.image_data_format(), keras.config.is_traceback_filtering_enabled(),
            keras.config.is_interactive_logging_enabled(), keras.config.dtype_policy().name,
        ),
        "frameworks": [name for name in FRAMEWORKS if name in sys.modules],
        "custom objects": [
            sorted(map(str, getattr(object_registration, name, ())))
            for name in ("GLOBAL_CUSTOM_OBJECTS", "GLOBAL_CUSTOM_NAMES")
        ],
        "logging": {
            name: (logging.getLogger(name).level, len(logging.getLogger(name).handlers))
            for name in ("", "tensorflow", "absl")
        },
        "tf generator": _generator(),
    }  # fmt: skip
    for name, value in global_state.GLOBAL_STATE_TRACKER.__dict__.items():
        if isinstance(value, dict):
            seen[f"keras {name}"] = {str(key): str(held) for key, held in value.items()}
        elif hasattr(value, "state"):
            seen[f"keras {name}"] = plain(np.asarray(value.state))
        else:
            seen[f"keras {name}"] = type(value).__name__, len(value) if hasattr(value, "__len__") else None
    seen |= {f"random: {name}": told for name, told in fingerprint(None).items()}
    seen |= {f"patched: {name}": value for name, value in patched_places().items()}
    return seen | _ipython()


def _generator() -> Any:
    """TensorFlow's global generator, without making one."""
    module = sys.modules.get("tensorflow.python.ops.stateful_random_ops")
    generator = getattr(module, "global_generator", None)
    return None if generator is None else plain(np.asarray(generator.state))


def _ipython() -> dict[str, Any]:
    module = sys.modules.get("IPython.core.interactiveshell")
    shell = module.InteractiveShell._instance if module is not None else None
    if shell is None and module is not None and module.InteractiveShell.initialized():
        shell = module.InteractiveShell.instance()
    if shell is None:
        return {}
    return {
        "events": {name: tuple(called) for name, called in shell.events.callbacks.items()},
        "transformers": (tuple(shell.input_transformers_cleanup), tuple(shell.input_transformers_post)),
        "ast transformers": tuple(shell.ast_transformers),
        "custom exceptions": (tuple(shell.custom_exceptions), shell.CustomTB),
        "showtraceback": (shell.showtraceback, shell._showtraceback),
        "formatters": {
            kind: (tuple(map(str, one.type_printers)), tuple(map(str, one.deferred_printers)))
            for kind, one in shell.display_formatter.formatters.items()
        },
        "display": (shell.display_pub, shell.displayhook),
    }


def content(value: Any) -> Any:
    """What an object of the user's holds, to the last bit."""
    if isinstance(value, (keras.Layer, keras.optimizers.Optimizer)):
        return fingerprint(value)
    if isinstance(value, np.ndarray):
        return plain(value)
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return plain(value.get_state())
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, tf.random.Generator):
        return plain(np.asarray(value.state))
    if isinstance(value, keras.random.SeedGenerator):
        return plain(np.asarray(value.state))
    if isinstance(value, (list, tuple)):
        return [content(item) for item in value]
    return value if isinstance(value, (int, float, str, type(None))) else type(value).__name__


def variables(namespace: dict[str, Any]) -> dict[str, Any]:
    """All of the user's variables: which objects they are, and what is in them."""
    return {
        name: (id(value), content(value))
        for name, value in namespace.items()
        if not name.startswith("_") and name not in ("In", "Out", "get_ipython", "exit", "quit", "open")
    }


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs, one line each, to be read by a person."""
    found: list[str] = []
    for name in sorted({*before, *after}):
        one, other = before.get(name, "(not there)"), after.get(name, "(not there)")
        if one == other:
            continue
        inner = [part for pair in (one, other) for part in (pair if isinstance(pair, tuple) else (pair,))]
        if all(isinstance(part, dict) for part in (inner[-1], inner[len(inner) // 2 - 1])):
            found += [f"{name}: {line}" for line in changes(inner[len(inner) // 2 - 1], inner[-1])]
        else:
            found.append(f"{name}: {str(one)[:150]} -> {str(other)[:150]}")
    return found
