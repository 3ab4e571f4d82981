"""Step a recurrent layer once instead of once per timestep: the verdict is the same.

The cost is then independent of the length, and no loop and no fused kernel has to be traced.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def one_step_rnn() -> Iterator[None]:
    """In this thread; in others, where the user may be training, all is as ever."""
    from tf_keras.src import backend
    from tf_keras.src.layers.rnn import gru, lstm

    saved = [
        (backend, "rnn", _one_step),
        (lstm, "lstm_with_backend_selection", lstm.standard_lstm),
        (gru, "gru_with_backend_selection", gru.standard_gru),
    ]
    undo = [(module, name, getattr(module, name)) for module, name, _ in saved]
    home = threading.get_ident()

    def here(function: Any, original: Any) -> Any:
        def chosen(*args: Any, **options: Any) -> Any:
            return (function if threading.get_ident() == home else original)(*args, **options)

        return chosen

    for (module, name, function), (_, _, original) in zip(saved, undo, strict=True):
        setattr(module, name, here(function, original))
    try:
        yield
    finally:
        for module, name, original in undo:
            setattr(module, name, original)


def _one_step(
    step_function: Any,
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> Any:
    import tensorflow as tf

    axis = 0 if time_major else 1
    flat = tf.nest.flatten(inputs)[0]
    steps = flat.shape[axis]
    if unroll and not steps:
        raise ValueError("Unrolling requires a fixed number of timesteps.")
    if steps == 0:
        raise ValueError("The input has no timesteps: slice index 0 of dimension 1 out of bounds.")
    first = tf.nest.map_structure(lambda t: t[0] if time_major else t[:, 0], inputs)
    states = tuple(initial_states)
    output, new_states = step_function(first, states + tuple(constants or ()))
    old, new = tf.nest.flatten(states), tf.nest.flatten(new_states)
    if len(old) != len(new):
        raise ValueError(f"The cell keeps {len(new)} states, but its initial state has {len(old)}.")
    for before, after in zip(old, new, strict=True):
        if not before.shape.is_compatible_with(after.shape):
            raise ValueError(f"The state's shape changes over a step from {before.shape} to {after.shape}.")
    if mask is not None and not mask.shape[axis : axis + 1].is_compatible_with(flat.shape[axis : axis + 1]):
        raise ValueError(f"The mask has {mask.shape[axis]} timesteps, the input {steps}.")
    count = tf.shape(flat)[axis] if steps is None else steps

    def over_time(tensor: Any) -> Any:
        return tf.repeat(tf.expand_dims(tensor, axis), count if return_all_outputs else 1, axis=axis)

    return output, tf.nest.map_structure(over_time, output), new_states
