"""A weight of the user's own layer or cell has the wrong size: which one, what it meets, the size that fits.

The operation that failed is read in the user's own frame. Two of its operands must agree in an axis; where one
of them is a weight of the layer, or was made with one, the size of that weight is what can be changed. What the
weight should be in the words of the class is found by value: an expression of the class that is this size now.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from rnnmagic import frameworks
from rnnmagic.cells import Cell, CellLog
from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.diagnosis.operations import Meeting, meetings, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.language import say
from rnnmagic.report import Shape
from rnnmagic.source import Change, Place, Unknowable, places, text_of, value_of
from rnnmagic.values import as_shape

OFFERED_AT_MOST = 4
GATES = (2, 3, 4)
"""A cell with gates has one weight for all of them, that many times as wide."""


@dataclass(frozen=True)
class Misfit:
    """A size of a weight, or of a layer inside the layer, that the operation cannot take."""

    owner: Any
    """The user's own object that has the weight."""
    name: str
    """Of the attribute that holds it."""
    shape: Shape
    axis: int
    wanted: int
    met: str
    """The other operand, as written."""
    met_shape: Shape
    written: str
    """The operation, as written."""


def misfits(error: BaseException | None, log: CellLog) -> list[Misfit]:
    """The sizes that could be wrong where the user's own code failed, the likeliest first."""
    place = _own_place(error, log)
    if place is None or place.node is None:
        return []
    owner = _owner(place)
    found = [
        misfit
        for meeting in meetings(place.node, place)
        if meeting.apart
        for misfit in _of_meeting(meeting, place, owner)
    ]
    sizes = set(_held(owner).values())
    # A size that the object keeps is what is meant rather than one that came about.
    return sorted(dict.fromkeys(found), key=lambda one: one.wanted not in sizes)


def said(misfit: Misfit, layer: str) -> str:
    """The sentence for a misfit."""
    if frameworks.is_layer(_kept(misfit.owner).get(misfit.name)):
        return say(
            "Inside {layer} `{weight}` gives {units} units; in `{operation}` that meets `{met}`, which is {met_shape}: {wanted} units are wanted.",
            layer=layer,
            weight=f"self.{misfit.name}",
            units=misfit.shape[misfit.axis],
            operation=misfit.written[:80],
            met=misfit.met[:60],
            met_shape=text(misfit.met_shape),
            wanted=misfit.wanted,
        )
    return say(
        "Inside {layer} the weight `{weight}` is {shape}; in `{operation}` it meets `{met}`, which is {met_shape}: axis {axis} of the weight has to be {wanted}.",
        layer=layer,
        weight=f"self.{misfit.name}",
        shape=text(misfit.shape),
        operation=misfit.written[:80],
        met=misfit.met[:60],
        met_shape=text(misfit.met_shape),
        axis=misfit.axis,
        wanted=misfit.wanted,
    )


def resized(misfits: list[Misfit], log: CellLog) -> Iterator[Candidate]:
    """The weights with the size that fits, in the words of their class."""
    from rnnmagic.diagnosis.own_code import CAUTION, class_in

    offered = 0
    for misfit in misfits:
        found = class_in(log, type(misfit.owner).__name__)
        site = None if found is None else _size_written(misfit, found[1])
        if found is None or site is None:
            continue
        cell, node = found
        turned = _turned(misfit, site)
        if turned is not None:
            offered += 1
            yield Candidate(
                "other", f"shape={turned}"[:60],
                say("It is then as large as what it meets, {met}.", met=misfit.met[:60]), "likely", say(CAUTION),
                source=_edited(cell, cast(ast.expr, site.row), turned), target=node.name, only_if_tried=True,
            )  # fmt: skip
        for told in _spelt(misfit, site, node):
            if offered == OFFERED_AT_MOST:
                return
            offered += 1
            whole = _with(site, told)
            yield Candidate(
                "other", say("Make {weight} {told}", weight=misfit.name, told=whole)[:60],
                say("It is then as large as what it meets, {met}.", met=misfit.met[:60]), "likely", say(CAUTION),
                source=_edited(cell, site.size, told), target=node.name, only_if_tried=True,
            )  # fmt: skip


def _edited(cell: Cell, node: ast.expr, told: str) -> Callable[[Editor], SourceEdit]:
    return lambda editor: SourceEdit(((cell, Change.replacing(node, told)),))


def _own_place(error: BaseException | None, log: CellLog) -> Place | None:
    """The innermost of the user's frames in a method of a layer or model of the user's own."""
    if error is None:
        return None
    for place in reversed(places(error, log)):
        if place.in_function and frameworks.is_layer(_owner(place)):
            return place
    return None


def _owner(place: Place) -> Any:
    """What `self` is in a method, whatever it is called."""
    if place.frame is None or not place.frame.f_code.co_argcount:
        return None
    return place.frame.f_locals.get(place.frame.f_code.co_varnames[0])


def _of_meeting(meeting: Meeting, place: Place, owner: Any) -> Iterator[Misfit]:
    """Each of the two operands may be what has the wrong size."""
    for mine, other in ((meeting.second, meeting.first), (meeting.first, meeting.second)):
        wanted = other.size
        for name, shape, axis in _givers(mine.node, mine.axis, place, owner):
            if wanted is not None and shape[axis] != wanted:
                yield Misfit(
                    owner, name, shape, axis, wanted, text_of(place.cell, other.node), other.shape,
                    text_of(place.cell, meeting.node),
                )  # fmt: skip


def _givers(
    node: ast.expr, axis: int, place: Place, owner: Any, depth: int = 0
) -> Iterator[tuple[str, Shape, int]]:
    """The weights whose size is that of an axis of an expression: name, shape, and axis of the weight."""
    if depth > 6:
        return
    name, held = _attribute(node, place, owner)
    if name is not None:
        shape = as_shape(getattr(held, "shape", None))
        if shape and -len(shape) <= axis < len(shape):
            yield name, shape, axis % len(shape)
        return
    rank = len(shape_of(node, place) or ())
    last = axis in (-1, rank - 1)
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
        value = _assigned(node, place)
        if value is not None:
            yield from _givers(value, axis, place, owner, depth + 1)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        if last:
            yield from _givers(node.right, -1, place, owner, depth + 1)
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _givers(side, axis, place, owner, depth + 1)
    elif isinstance(node, ast.Call):
        inner, layer = _attribute(node.func, place, owner)
        if inner is not None and isinstance(getattr(layer, "units", None), int):
            if last:
                yield inner, (layer.units,), 0
            return
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("matmul", "dot") and len(node.args) > 1:
            if last:
                yield from _givers(node.args[1], -1, place, owner, depth + 1)
        elif len(node.args) == 1:
            # tanh(…), an activation: as wide as what it takes.
            yield from _givers(node.args[0], axis, place, owner, depth + 1)


def _attribute(node: ast.expr, place: Place, owner: Any) -> tuple[str | None, Any]:
    """`self.kernel`: its name and what it holds."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None, None
    try:
        if value_of(node.value, *place.scopes) is not owner:
            return None, None
        return node.attr, value_of(node, *place.scopes)
    except Unknowable:
        return None, None


def _assigned(node: ast.Name, place: Place) -> ast.expr | None:
    """What a name of the method was last set to before the line that failed."""
    from rnnmagic.source import function_of

    home = function_of(place.node) if place.node is not None else None
    found = None
    for step in ast.walk(home) if home is not None else ():
        if isinstance(step, ast.Assign) and step.lineno < place.line:
            if any(isinstance(target, ast.Name) and target.id == node.id for target in step.targets):
                found = step if found is None or step.lineno > found.lineno else found
    return found.value if found is not None else None


@dataclass(frozen=True)
class Site:
    """Where a size of a weight is written: `shape=(a, b)` of an `add_weight`, or `Dense(a)`."""

    size: ast.expr
    row: ast.Tuple | ast.List | None
    method: ast.FunctionDef


def _size_written(misfit: Misfit, node: ast.ClassDef) -> Site | None:
    for method, call in _makers(node, misfit.name):
        row = _shape_in(call, len(misfit.shape))
        if row is not None:
            return Site(row.elts[misfit.axis], row, method)
        units = next(
            (k.value for k in call.keywords if k.arg == "units"), call.args[0] if call.args else None
        )
        held = _kept(misfit.owner).get(misfit.name)
        if units is not None and frameworks.is_layer(held) and not isinstance(units, ast.Starred):
            return Site(units, None, method)
    return None


def _makers(node: ast.ClassDef, name: str | None = None) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """The calls that `self.name = …` is set to, in any method of the class."""
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or not method.args.args:
            continue
        own = method.args.args[0].arg
        for step in ast.walk(method):
            if not isinstance(step, ast.Assign) or not isinstance(step.value, ast.Call):
                continue
            for target in step.targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == own
                    and name in (None, target.attr)
                ):
                    yield method, step.value


def _shape_in(call: ast.Call, rank: int) -> ast.Tuple | ast.List | None:
    """The shape that is written in a call, `add_weight(shape=(a, b))` or `tf.Variable(tf.zeros((a, b)))`."""
    said = next((k.value for k in call.keywords if k.arg == "shape"), None)
    for node in ast.walk(call) if said is None else (said,):
        if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) == rank:
            return None if any(isinstance(item, ast.Starred) for item in node.elts) else node
    return None


def _turned(misfit: Misfit, site: Site) -> str | None:
    """The shape of a matrix the other way round, where it then fits: (outputs, inputs) instead of (inputs, outputs)."""
    if site.row is None or len(misfit.shape) != 2 or misfit.shape[1 - misfit.axis] != misfit.wanted:
        return None
    first, second = (ast.unparse(item) for item in site.row.elts)
    return f"({second}, {first})" if first != second else None


def _with(site: Site, told: str) -> str:
    if site.row is None:
        return f"units={told}"
    items = [told if item is site.size else ast.unparse(item) for item in site.row.elts]
    return f"shape=({', '.join(items)}{',' if len(items) == 1 else ''})"


def _spelt(misfit: Misfit, site: Site, node: ast.ClassDef) -> list[str]:
    """Expressions that have the wanted size at that place, the one that says most first."""
    own = site.method.args.args[0].arg
    held = _held(misfit.owner)
    written = {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
    }
    names = {f"{own}.{name}": size for name, size in held.items() if name in written and name != "state_size"}
    found = [told for told, size in names.items() if size == misfit.wanted]
    found += [told for told, size in _neighbours(misfit, site, node) if size == misfit.wanted]
    found += [told for told, size in _incoming(misfit, site) if size == misfit.wanted]
    found += [f"{told} * {k}" for k in GATES for told, size in names.items() if size * k == misfit.wanted > k]
    now = ast.unparse(site.size)
    return [told for told in dict.fromkeys(found) if told != now] or [str(misfit.wanted)]


def _kept(owner: Any) -> dict[str, Any]:
    """What the object itself keeps; a property of its class is not run."""
    try:
        kept: dict[str, Any] = vars(owner)
    except TypeError:
        return {}
    return kept


def _held(owner: Any) -> dict[str, int]:
    """Sizes that the object keeps as attributes."""
    return {
        str(name): value
        for name, value in list(_kept(owner).items())
        if isinstance(value, int)
        and not isinstance(value, bool)
        and value > 0
        and not str(name).startswith("_")
    }


def _neighbours(misfit: Misfit, site: Site, node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """What the sizes of the weights made in the same method are called there."""
    for method, call in _makers(node):
        if method is not site.method:
            continue
        for target in getattr(getattr(call, "parent", None), "targets", ()):
            live = _kept(misfit.owner).get(getattr(target, "attr", ""))
            shape = as_shape(getattr(live, "shape", None)) if live is not None else None
            row = _shape_in(call, len(shape)) if shape else None
            for item, size in zip(row.elts, shape, strict=True) if row is not None and shape else ():
                if size is not None and not isinstance(item, ast.Constant):
                    yield ast.unparse(item), size


def _incoming(misfit: Misfit, site: Site) -> Iterator[tuple[str, int]]:
    """`input_shape[-1]` in a `build`."""
    shapes = _kept(misfit.owner).get("_build_shapes_dict") or {}
    arguments = [argument.arg for argument in site.method.args.args[1:]]
    for name, value in zip(arguments, shapes.values(), strict=False) if site.method.name == "build" else ():
        shape = as_shape(value)
        for axis in (-1, *range(1, len(shape) - 1)) if shape else ():
            size = shape[axis] if shape else None
            if size is not None:
                yield f"{name}[{axis}]", size
