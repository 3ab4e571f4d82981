"""Watch the initial states that recurrent layers are handed in a dry run.

A layer of Keras 3 that is handed more states than it keeps takes the first and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnmagic.frameworks.base import Surplus
from rnnmagic.frameworks.keraslike.batchsize import OWN
from rnnmagic.frameworks.wanted import class_of, rnn_in
from rnnmagic.values import as_shape


@dataclass(frozen=True)
class _Origin:
    """Which of a recurrent layer's answers a tensor is: 0 the output, then the states."""

    layer: str
    cls: str
    keeps: int
    place: int


@dataclass
class StateWatch:
    """Told of each outermost recurrent layer, before and after it is called."""

    found: list[Surplus] = field(default_factory=list)
    _made: dict[int, _Origin] = field(default_factory=dict)
    _held: list[Any] = field(default_factory=list)
    """The tensors, so that their ids stay theirs."""

    def begin(self) -> None:
        """Forget what was seen of a try before."""
        self.found.clear()
        self._made.clear()
        self._held.clear()

    def handed(self, layer: Any, args: Any, options: Any) -> None:
        """Note the states of a call when they are more than the layer keeps."""
        keeps = states_kept(layer)
        states = _flat(options.get("initial_state", args[1] if len(args) > 1 else None))
        if keeps is None or len(states) <= keeps:
            return
        origins = [self._made.get(id(state)) for state in states]
        if self._is_one_twice(states, origins):
            return
        maker = next((origin for origin in reversed(origins) if origin is not None), None)
        self.found.append(
            Surplus(
                str(getattr(layer, "name", "?")),
                class_of(layer),
                keeps,
                len(states),
                None if maker is None else maker.layer,
                None if maker is None else maker.cls,
            )
        )

    def _is_one_twice(self, states: list[Any], origins: list[_Origin | None]) -> bool:
        """Output and state of one GRU, which are the same numbers: nothing is lost."""
        first, second = origins[0], origins[1]
        return (
            len(states) == 2
            and first is not None
            and second is not None
            and (first.layer, first.place, second.place) == (second.layer, 0, 1)
            and first.keeps == 1
            and len(as_shape(states[0].shape) or ()) == len(as_shape(states[1].shape) or ())
        )

    def answered(self, layer: Any, answer: Any) -> None:
        """Note which tensors are the layer's output and states."""
        keeps = states_kept(layer)
        if keeps is None or not isinstance(answer, (list, tuple)):
            return
        for place, tensor in enumerate(answer):
            self._made[id(tensor)] = _Origin(str(getattr(layer, "name", "?")), class_of(layer), keeps, place)
            self._held.append(tensor)


def states_kept(layer: Any) -> int | None:
    """How many states a recurrent layer of Keras's own keeps; `None` where that is for others to say."""
    inner = rnn_in(layer)
    if not all(str(type(part).__module__).startswith(OWN) for part in (layer, inner)):
        return None
    name = class_of(inner)
    one = 2 if "LSTM" in name else 1 if name in ("GRU", "SimpleRNN") else None
    return one if inner is layer or one is None else 2 * one


def _flat(states: Any) -> list[Any]:
    if isinstance(states, (list, tuple)):
        return [one for state in states for one in _flat(state)]
    return [states] if hasattr(states, "shape") else []
