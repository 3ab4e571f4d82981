"""What the axes of an array mean, from the text that made it: which is time, which the samples."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from rnnmagic.diagnosis.hints import says
from rnnmagic.evidence import Operand
from rnnmagic.silent.origin import Assigned, Origins, Step, array_of, called_name, rest_of, safe_value
from rnnmagic.source import Unknowable, text_of

TIME, SAMPLES, OTHER = "time", "samples", "other"
TIME_WORDS = (
    "time", "timestep", "step", "frame", "tick", "day", "hour", "minute", "second", "month", "week", "year",
    "t", "seq_len", "length", "moment", "beat",
)  # fmt: skip
SAMPLE_WORDS = (
    "sample", "batch", "clip", "sequence", "series", "patient", "subject", "user", "customer", "shop", "store",
    "piece", "song", "session", "trial", "recording", "example", "person", "text", "sentence", "window", "n", "b",
)  # fmt: skip
PER_STEP_WORDS = (
    *TIME_WORDS, "snapshot", "slice", "output", "outs", "state", "hidden", "pred", "h", "hs", "epoch", "column",
    "feature", "channel", "sensor",
)  # fmt: skip
"""Names of lists that hold something else than sequences: one item for each moment, or each feature."""
SAME = (
    "astype",
    "copy",
    "asarray",
    "array",
    "float32",
    "ascontiguousarray",
    "convert_to_tensor",
    "constant",
    "cast",
)

OF_A_STEP = (
    "feature",
    "channel",
    "sensor",
    "lead",
    "electrode",
    "coefficient",
    "mfcc",
    "joint",
    "column",
    "variable",
)
"""What one timestep holds several of."""

Axes = tuple[str, ...]


@dataclass(frozen=True)
class Roles:
    """The meaning of each axis; the step that turned them last, and how to take that back."""

    axes: Axes
    step: Step | None = None
    repair: tuple[ast.expr, str] | None = None


def roles_of(operand: Operand, origins: Origins) -> Roles | None:
    """`None` wherever the text does not say."""
    node: Any = operand.node if operand.node is not None else None
    if node is None:
        if operand.name is None:
            return None
        node = ast.Name(operand.name, ast.Load())
    return _Reader(origins).read(node, Step(node, origins.run.cell, len(origins.assigned), None), 0)


@dataclass
class _Reader:
    origins: Origins

    def read(self, node: ast.expr, at: Step, depth: int) -> Roles | None:
        if depth > 12:
            return None
        if isinstance(node, ast.Name):
            found = self.origins.before(node.id, at.order)
            if found is None:
                return None
            return self._of_comment(found) or self.read(
                found.value, Step(found.value, found.cell, found.order, found.name), depth + 1
            )
        if isinstance(node, ast.BinOp):
            parts = [part for part in (node.left, node.right) if not isinstance(part, ast.Constant)]
            return self.read(parts[0], at, depth + 1) if parts else None
        if isinstance(node, ast.Subscript):
            return self.read(node.value, at, depth + 1) if isinstance(node.slice, ast.Slice) else None
        if not isinstance(node, ast.Call):
            return None
        name, source = called_name(node), array_of(node)
        if source is None:
            return None
        if name in ("stack", "array", "asarray"):
            stacked = self._stacked(node, source, at)
            if stacked is not None or name == "stack":
                return stacked
        if name in SAME:
            return self.read(source, at, depth + 1)
        if name in ("transpose", "swapaxes", "moveaxis"):
            return self._turned(node, source, at, depth)
        if name == "sliding_window_view":
            return self._windows(node, source, at)
        return None

    def _windows(self, node: ast.Call, source: ast.expr, at: Step) -> Roles | None:
        """Windows over the rows of a table: NumPy puts the axis within a window last."""
        try:
            table = safe_value(source, self.origins.run.namespace)
        except Unknowable:
            return None
        axis = next(
            (k.value for k in node.keywords if k.arg == "axis"), node.args[2] if len(node.args) > 2 else None
        )
        if len(getattr(table, "shape", ())) != 2 or not isinstance(axis, ast.Constant) or axis.value != 0:
            return None
        return Roles((SAMPLES, OTHER, TIME), Step(node, at.cell, at.order, at.name))

    def _turned(self, node: ast.Call, source: ast.expr, at: Step, depth: int) -> Roles | None:
        inner = self.read(source, at, depth + 1)
        if inner is None:
            return None
        order = _order(node, len(inner.axes), self.origins.run.namespace)
        if order is None:
            return None
        axes = tuple(inner.axes[axis] for axis in order)
        step = Step(node, at.cell, at.order, at.name)
        return Roles(axes, step, (node, text_of(at.cell, source)) if inner.axes[0] == SAMPLES else None)

    def _stacked(self, node: ast.Call, source: ast.expr, at: Step) -> Roles | None:
        """A list of sequences, one behind the other along a new axis."""
        inner = self._items(source, at)
        if inner is None:
            return None
        axis_node = next((k.value for k in node.keywords if k.arg == "axis"), None)
        if axis_node is None and called_name(node) == "stack" and len(node.args) > 1:
            axis_node = node.args[1]
        axis = axis_node.value if isinstance(axis_node, ast.Constant) else 0 if axis_node is None else None
        if type(axis) is not int or not 0 <= axis <= 1:
            return None
        axes = (*inner[:axis], SAMPLES, *inner[axis:])
        repair = (axis_node, "0") if axis == 1 and axis_node is not None else None
        return Roles(axes, Step(node, at.cell, at.order, at.name), repair)

    def _items(self, source: ast.expr, at: Step) -> Axes | None:
        """The axes of one item of a list of sequences `(T, F)`."""
        comment = ""
        if isinstance(source, ast.Name):
            if says(source.id, PER_STEP_WORDS):
                return None
            try:
                held = safe_value(source, self.origins.run.namespace)
            except Unknowable:
                return None
            if type(held) not in (list, tuple) or len(held) < 4:
                return None
            if any(len(getattr(item, "shape", ())) != 2 for item in held[:4]):
                return None
            found = self.origins.before(source.id, at.order)
            comment = self.origins.comment(found) if found is not None else ""
        elif isinstance(source, (ast.ListComp, ast.GeneratorExp)):
            item = source.elt
            if not (isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Slice)):
                return None
        else:
            return None
        words = _words(comment, 2)
        if words is not None and not says(words[0], TIME_WORDS):
            return None
        return TIME, OTHER

    def _of_comment(self, found: Assigned) -> Roles | None:
        """`raw = load()   # (sample, time, channel)`: the author says it."""
        held = self.origins.run.namespace.get(found.name)
        rank = len(getattr(held, "shape", ()))
        words = _words(self.origins.comment(found), rank) if rank == 3 else None
        if words is None or self.origins.after(found.name, found.order):
            return None
        times = [axis for axis, word in enumerate(words) if says(word, TIME_WORDS)]
        samples = [axis for axis, word in enumerate(words) if says(word, SAMPLE_WORDS)]
        features = [axis for axis, word in enumerate(words) if says(word, OF_A_STEP)]
        if not samples and len(times) == len(features) == 1 and times != features:
            # Two of the three are told; whatever the third is called, it counts what was recorded.
            samples = [axis for axis in range(rank) if axis not in (*times, *features)]
        if len(times) != 1 or len(samples) != 1 or times == samples:
            return None
        axes = [OTHER] * rank
        axes[times[0]], axes[samples[0]] = TIME, SAMPLES
        return Roles(tuple(axes), Step(found.value, found.cell, found.order, found.name))


def turned_to_the_front(operand: Operand, origins: Origins) -> Roles | None:
    """The roles where the text exchanges the first two of three axes, and does not say which is which."""
    for step in origins.steps(operand):
        node = step.node
        if not isinstance(node, ast.Call) or called_name(node) not in ("transpose", "swapaxes", "moveaxis"):
            continue
        source = array_of(node)
        if source is not None and _order(node, 3, origins.run.namespace) == (1, 0, 2):
            return Roles((TIME, SAMPLES, OTHER), step, (node, text_of(step.cell, source)))
        return None
    return None


def time_told(operand: Operand, origins: Origins) -> int | None:
    """Which of the axes 1 and 2 of (samples, …, …) the text calls time, `None` where it does not say."""
    roles = roles_of(operand, origins)
    if roles is None or len(roles.axes) != 3 or roles.axes[0] != SAMPLES or TIME not in roles.axes:
        return None
    return roles.axes.index(TIME)


def _words(comment: str, rank: int) -> list[str] | None:
    """The names of the axes in a comment, when there are just as many: `(clip, frame, joint)`."""
    bracket = re.search(r"[(\[]([^()\[\]]*,[^()\[\]]*)[)\]]", comment)
    words = [word.strip() for word in (bracket.group(1) if bracket else comment).split(",")]
    words = [word for word in words if word]
    if len(words) != rank or not all(re.fullmatch(r"[A-Za-z][\w ]{0,24}", word) for word in words):
        return None
    return words


def _order(node: ast.Call, rank: int, namespace: dict[str, Any]) -> tuple[int, ...] | None:
    """The order of the axes after a transpose, swapaxes or moveaxis."""
    name, rest = called_name(node), rest_of(node)
    rest += [
        k.value for k in node.keywords if k.arg in ("axes", "perm", "axis1", "axis2", "source", "destination")
    ]
    try:
        values = [safe_value(item, namespace) for item in rest]
    except Unknowable:
        return None
    if len(values) == 1 and type(values[0]) in (tuple, list):
        values = list(values[0])
    if not all(type(value) is int and -rank <= value < rank for value in values):
        return None
    values = [value % rank for value in values]
    if name == "transpose":
        order = values or list(reversed(range(rank)))
    elif len(values) != 2:
        return None
    else:
        order = list(range(rank))
        if name == "swapaxes":
            order[values[0]], order[values[1]] = order[values[1]], order[values[0]]
        else:
            order.insert(values[1], order.pop(values[0]))
    return tuple(order) if sorted(order) == list(range(rank)) else None


__all__ = ["OTHER", "SAMPLES", "TIME", "Roles", "roles_of", "time_told", "turned_to_the_front"]
