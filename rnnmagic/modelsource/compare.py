"""Whether a call can have made a layer: its class, its name, its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rnnmagic.frameworks.keras3.backends import without_tensorflow
from rnnmagic.modelsource.abstract import Event, simple
from rnnmagic.modelsource.sites import is_library_class, parameters_of

AGREES = 1.0
"""For each argument that is known and as it stands in the layer."""
DIFFERS = -6.0
"""For an argument that is not, where the text does not settle it: attributes can be set later."""

# Set on layers after they are made, or filled in by Keras.
_CHANGEABLE = {
    "name",
    "trainable",
    "dtype",
    "seed",
    "weights",
    "stateful",
    "layer",
    "backward_layer",
    "cell",
    "input_shape",
}
_FILLED_IN = {"shape", "batch_shape", "batch_size", "input_dim", "layers", "inputs", "outputs"}


def automatic_name(kind: str) -> str:
    """The name Keras gives to the first layer of a class: `time_distributed`, `conv1d`, `my_lstm`."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def serial(layer: Any) -> int | None:
    """The number in a name that Keras gave: 0 of `lstm`, 2 of `lstm_2`; `None` of a name of the user's."""
    match = re.fullmatch(re.escape(automatic_name(type(layer).__name__)) + r"(?:_(\d+))?", name_of(layer))
    return int(match[1] or 0) if match else None


def kind_of(layer: Any) -> str:
    """The class, as the notebook names it: a functional model is made by `Model(...)`."""
    name = type(layer).__name__
    return "Model" if name == "Functional" else name


def name_of(layer: Any) -> str:
    try:
        return str(layer.name)
    except Exception:  # a class of the user's may do anything here
        return ""


def inner_layers(layer: Any) -> dict[str, Any]:
    """The layers that were given to a wrapper, by the parameter they were given as."""
    found: dict[str, Any] = {}
    if not is_library_class(type(layer)):
        return found
    for parameter, names in {
        "layer": ("layer", "forward_layer"),
        "backward_layer": ("backward_layer",),
        "cell": ("cell",),
    }.items():
        # `RNN` has subclasses, LSTM for one, that make their cell themselves.
        if parameter == "cell" and type(layer).__name__ != "RNN":
            continue
        for name in names:
            inner = getattr(layer, name, None)
            if inner is not None and hasattr(inner, "get_config") and parameter not in found:
                found[parameter] = inner
    return found


def has_layers_inside(layer: Any) -> bool:
    names = {base.__name__ for base in type(layer).__mro__}
    return bool(names & {"Model", "Wrapper"}) or type(layer).__name__ in ("RNN", "StackedRNNCells")


def configuration(layer: Any) -> dict[str, Any]:
    """The layer's arguments as it has them now, as far as they are numbers, strings and the like."""
    # `get_config` of a class of the user's is the user's code, and so may be that of a model or wrapper, which
    # calls it for the layers inside: their attributes will do.
    if is_library_class(type(layer)) and not has_layers_inside(layer):
        try:
            with without_tensorflow():
                found = layer.get_config()
        except Exception:
            return {}
        return {key: value for key, value in found.items() if simple(value)}
    return {key: value for key, value in vars(layer).items() if simple(value)}


def _alike(given: Any, held: Any) -> bool:
    if isinstance(held, (list, tuple)) and not isinstance(given, (list, tuple)):
        return all(item == given for item in held)
    if isinstance(given, (list, tuple)) and isinstance(held, (list, tuple)):
        return list(given) == list(held)
    if isinstance(given, bool) != isinstance(held, bool):
        return False
    return bool(given == held)


def _comparable(given: Any, held: Any) -> bool:
    """Keras writes some arguments in another form than they were given in: only like is compared with like."""
    if isinstance(given, str) or isinstance(held, str):
        return isinstance(given, str) and isinstance(held, str)
    return (given is None) == (held is None)


class Held:
    """A layer as it is compared with calls: read once, however many calls there are."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.kind = kind_of(layer)
        self.name = name_of(layer)
        self.serial = serial(layer)
        self.library = is_library_class(type(layer))
        self.config = configuration(layer)
        self.inner = {name: Held(inside) for name, inside in inner_layers(layer).items()}
        self.compared: dict[Event, float | None] = {}
        """What came of comparing its arguments, by call; shared with layers of the same arguments."""


def hold(layers: Iterable[Any]) -> list[Held]:
    """The layers, read for comparison; those of the same arguments are compared with a call once."""
    found, alike = [], dict[str, dict[Event, float | None]]()
    for layer in layers:
        held = Held(layer)
        if not held.inner:
            arguments = {name: value for name, value in held.config.items() if name not in _CHANGEABLE}
            held.compared = alike.setdefault(f"{held.kind} {held.library} {arguments!r}", held.compared)
        found.append(held)
    return found


def likeness(event: Event, held: Held) -> float | None:
    """How well the call fits the layer; `None` if it cannot have made it."""
    if event.kind != held.kind:
        return None
    score = 0.0
    explicit = event.given.get("name")
    if explicit is not None and explicit.known and isinstance(explicit.object, str):
        if explicit.object == held.name:
            score += 20 * AGREES
        elif explicit.literal:
            return None
        else:
            score += DIFFERS
    elif explicit is None and not event.starred and held.library and held.serial is None:
        score += DIFFERS
    elif explicit is None and held.library and held.serial is not None:
        score += AGREES
    if event not in held.compared:
        held.compared[event] = _arguments(event, held)
    arguments = held.compared[event]
    return None if arguments is None else score + arguments


def _arguments(event: Event, held: Held) -> float | None:
    score = 0.0
    for name, value in event.given.items():
        if name in _CHANGEABLE or name in _FILLED_IN or name not in held.config:
            continue
        if value.known and simple(value.object) and _comparable(value.object, held.config[name]):
            if _alike(value.object, held.config[name]):
                score += AGREES
            elif value.literal and held.library:
                return None
            else:
                score += DIFFERS
    if held.library and not event.starred:
        score += _defaults(event, held.config)
    for name, inside in held.inner.items():
        given = event.given.get(name)
        if given is not None and given.made is not None:
            more = likeness(given.made, inside)
            if more is None:
                return None
            score += max(more, DIFFERS)
    return score


def _defaults(event: Event, config: dict[str, Any]) -> float:
    """What is not passed should have its default value."""
    score = 0.0
    for parameter in parameters_of(event.target):
        name, default = parameter.name, parameter.default
        if name in event.given or name in _CHANGEABLE or name in _FILLED_IN or name not in config:
            continue
        if default is parameter.empty or not simple(default) or default is None:
            continue
        if _comparable(default, config[name]) and not _alike(default, config[name]):
            score += DIFFERS
    return score
