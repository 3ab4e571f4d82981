"""Note every layer that a dry run calls, with the shapes that went in and came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnmagic.frameworks.base import LayerStep, shapes_in


class LayerLog:
    """The calls of one dry run, inner ones before the outer one that they belong to."""

    def __init__(self, steps: list[LayerStep]) -> None:
        self.steps = steps
        self.depth = 0
        """How many noted calls are under way."""

    def call(
        self,
        original: Callable[..., Any],
        layer: Any,
        args: tuple[Any, ...],
        options: dict[str, Any],
        *,
        given: Any,
        states: Any,
    ) -> Any:
        """Call a layer as `original` does, and note it; `given` and `states` are what it gets to read."""
        shapes, state_shapes = shapes_in(given), shapes_in(states)
        self.depth += 1
        try:
            answer = original(layer, *args, **options)
        except Exception:
            self.steps.append(LayerStep(layer, shapes, None, False, self.depth, state_shapes))
            raise
        finally:
            self.depth -= 1
        self.steps.append(LayerStep(layer, shapes, shapes_in(answer), True, self.depth + 1))
        return answer


def first_argument(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a layer is called on, whatever its own name for it."""
    return args[0] if args else next(iter(options.values()), None)
