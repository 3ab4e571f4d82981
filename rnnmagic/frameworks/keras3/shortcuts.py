"""Make a dry run cheap without changing its verdict.

A layer of Keras's own whose weights are there is answered for by its shapes alone: where the
shapes are exactly those that its weights take, the answer is known and nothing is computed. In
every other case the layer itself runs, so that each error is Keras's own. A recurrent layer that
has to run is stepped once, not once per timestep.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from rnnmagic.frameworks.keras3 import backends
from rnnmagic.report import Shape
from rnnmagic.values import as_shape

Answer = Callable[[Any, Any, dict[str, Any]], Any]
"""The output of a layer for one input and the other arguments; `None` when the layer has to run."""

_GATES = {"LSTMCell": 4, "GRUCell": 3, "SimpleRNNCell": 1}
_STATES = {"LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}
_SAME_SHAPE = ("Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "Activation", "LeakyReLU")


@contextlib.contextmanager
def known_answers() -> Iterator[None]:
    """Answer for Keras's own layers where their shapes settle it."""
    import keras

    rules: dict[str, Answer] = {
        "LSTM": _recurrent,
        "GRU": _recurrent,
        "SimpleRNN": _recurrent,
        "Dense": _dense,
        "Embedding": _embedding,
        **dict.fromkeys(_SAME_SHAPE, _same_shape),
    }
    undo: list[tuple[Any, Any]] = []
    for name, rule in rules.items():
        cls: Any = getattr(keras.layers, name)
        original = vars(cls).get("call")
        if original is None:  # inherited, in a Keras of another make
            continue
        undo.append((cls, original))
        cls.call = _shortened(cls, original, rule)
    try:
        yield
    finally:
        for cls, original in undo:
            cls.call = original


def _shortened(cls: type, original: Any, rule: Answer) -> Any:
    home = threading.get_ident()

    @functools.wraps(original)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        # A subclass may compute something else with what this method gives it; another thread may be training.
        if type(self) is cls and len(args) == 1 and threading.get_ident() == home:
            answer = None
            with contextlib.suppress(Exception):
                answer = rule(self, args[0], options)
            if answer is not None:
                return answer
        return original(self, *args, **options)

    return call


def _dense(layer: Any, inputs: Any, options: dict[str, Any]) -> Any:
    shape = _shape(inputs)
    kernel = _weight(layer, "_kernel")
    if kernel is None or len(shape) < 2 or shape[-1] != kernel[0] or not _plain(layer.activation):
        return None
    if getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None):
        return None
    return _stand_in((*shape[:-1], kernel[1]), layer.compute_dtype)


def _embedding(layer: Any, inputs: Any, options: dict[str, Any]) -> Any:
    table = _weight(layer, "_embeddings")
    if table is None or getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None):
        return None
    return _stand_in((*_shape(inputs), table[1]), layer.compute_dtype)


def _same_shape(layer: Any, inputs: Any, options: dict[str, Any]) -> Any:
    if not _plain(getattr(layer, "activation", None)) or getattr(layer, "noise_shape", None) is not None:
        return None
    return _stand_in(_shape(inputs), layer.compute_dtype)


def _recurrent(layer: Any, inputs: Any, options: dict[str, Any]) -> Any:
    cell, shape = layer.cell, _shape(inputs)
    kernel, loop = _weight(cell, "kernel"), _weight(cell, "recurrent_kernel")
    name, units = type(cell).__name__, cell.units
    if len(shape) != 3 or None in shape or not shape[1] or kernel is None or loop is None:
        return None
    batch, steps, features = shape
    gates = _GATES[name] * units
    if kernel != (features, gates) or loop != (units, gates) or getattr(layer, "use_cudnn", "auto") is True:
        return None
    if not _plain(cell.activation) or not _plain(getattr(cell, "recurrent_activation", None)):
        return None
    mask = options.get("mask")
    if mask is not None and _shape(mask) != (batch, steps):
        return None
    states = options.get("initial_state")
    if states is None and layer.stateful:
        states = layer.states
        if layer._expected_batch_size != batch:
            return None
    if states is not None:
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        if [_shape(state) for state in states] != [(batch, units)] * _STATES[name]:
            return None
    full = (batch, steps, units) if layer.return_sequences else (batch, units)
    dtype = layer.compute_dtype
    output = _stand_in(full, dtype)
    if not layer.return_state:
        return output
    return (output, *(_stand_in((batch, units), dtype) for _ in range(_STATES[name])))


def _shape(tensor: Any) -> Shape:
    """Raises where there is no one shape: sparse, ragged, several tensors."""
    if type(tensor).__name__ in ("SparseTensor", "RaggedTensor"):
        raise TypeError
    shape = as_shape(tensor.shape)
    if shape is None:
        raise TypeError
    return shape


def _weight(holder: Any, name: str) -> Shape | None:
    variable = getattr(holder, name, None)
    return None if variable is None or not holder.built else as_shape(variable.shape)


def _plain(activation: Any) -> bool:
    """Whether an activation is Keras's own, and so keeps the shape."""
    return activation is None or (
        callable(activation) and str(getattr(activation, "__module__", "")).startswith("keras.")
    )


def _stand_in(shape: Shape, dtype: str) -> Any:
    """A tensor of that shape in the graph under way, that nothing computes."""
    if backends.name() == "tensorflow":
        import tensorflow

        return tensorflow.compat.v1.placeholder(dtype, shape)
    if backends.name() == "torch":
        return backends.full(0, shape, dtype, computed=True)
    from keras.src import ops

    return ops.zeros(shape, dtype=dtype)


@contextlib.contextmanager
def one_step_rnn() -> Iterator[None]:
    """Step recurrent layers once instead of once per timestep, and skip fused kernels."""
    from keras.src import backend

    saved = {name: getattr(backend, name) for name in ("rnn", "lstm", "gru")}
    home = threading.get_ident()

    def not_fused(*_args: Any, **_options: Any) -> Any:
        raise NotImplementedError

    def here(function: Any, original: Any) -> Any:
        """A function for this thread; in others, where the user may be training, all is as ever."""

        def chosen(*args: Any, **options: Any) -> Any:
            return (function if threading.get_ident() == home else original)(*args, **options)

        return chosen

    @functools.wraps(saved["rnn"])
    def one_step(*args: Any, **options: Any) -> Any:
        # A mask of another rank is taken, or not, by what the loop itself makes of it.
        mask = options.get("mask")
        whole = mask is not None and len(mask.shape) != 2
        return (saved["rnn"] if whole else _one_step)(*args, **options)

    backend.rnn = here(one_step, saved["rnn"])
    backend.lstm, backend.gru = here(not_fused, saved["lstm"]), here(not_fused, saved["gru"])
    try:
        yield
    finally:
        for name, function in saved.items():
            setattr(backend, name, function)


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
    from keras.src import ops, tree

    axis = 0 if time_major else 1
    first = tree.map_structure(lambda t: t[0] if time_major else t[:, 0], inputs)
    states = tuple(initial_states)
    output, new_states = step_function(first, states + tuple(constants or ()))
    old, new = tree.flatten(list(states)), tree.flatten(list(new_states))
    if len(old) != len(new):
        raise ValueError(f"The cell keeps {len(new)} states, but its initial state has {len(old)}.")
    for before, after in zip(old, new, strict=True):
        if len(before.shape) != len(after.shape) or any(
            a is not None and b is not None and a != b
            for a, b in zip(tuple(before.shape), tuple(after.shape), strict=True)
        ):
            raise ValueError(
                f"The state's shape changes over a step from {tuple(before.shape)} to {tuple(after.shape)}."
            )
    flat = tree.flatten(inputs)[0]
    steps = flat.shape[axis]
    if mask is not None and steps is not None and mask.shape[axis] is not None and mask.shape[axis] != steps:
        raise ValueError(f"The mask has {mask.shape[axis]} timesteps, the input {steps}.")

    def over_time(tensor: Any) -> Any:
        count = 1 if not return_all_outputs else ops.shape(flat)[axis]
        if isinstance(count, int) and count == 1:
            return ops.expand_dims(tensor, axis)
        return ops.repeat(ops.expand_dims(tensor, axis), count, axis=axis)

    return output, tree.map_structure(over_time, output), new_states
