"""The right sizes with the wrong numbers in them: a reshape for a transpose, time for samples."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.editor import SourceEdit
from rnnmagic.evidence import X_ROLES, Y_ROLES, Operand
from rnnmagic.language import say
from rnnmagic.ops import Replace
from rnnmagic.report import ArrayInfo, Notice
from rnnmagic.silent.axisroles import SAMPLES, TIME, roles_of, turned_to_the_front
from rnnmagic.silent.cases import Case, array_info
from rnnmagic.silent.origin import Origins, Step, array_of, called_name, is_method, rest_of, safe_value
from rnnmagic.source import Change, Unknowable, parent_of, text_of
from rnnmagic.values import as_shape, describe, variables

Sizes = tuple[int, ...]
TURNS = ("transpose", "swapaxes", "moveaxis", "rollaxis", "permute", "permute_dims", "rearrange", "einsum")
PLACES, TELLING = 4096, 8
"""How many numbers of two arrays are compared, and how many of them must tell a reshape from a transpose."""


def scrambled(case: Case) -> Iterator[Notice]:
    """The array was cut anew where its axes should have been turned."""
    for operand in case.evidence.operands:
        if operand.role not in (*X_ROLES, *Y_ROLES):
            continue
        for step in case.origins.steps(operand):
            found = _reshape(step, case)
            if found is not None:
                yield _scrambled(case, operand, step, *found)
                break
        else:
            yield from _another_cut_anew(case, operand)


def _another_cut_anew(case: Case, operand: Operand) -> Iterator[Notice]:
    """The numbers of another array of the kernel in the same order, with two of its sizes exchanged.

    However that came about: in a function of the user's, or by an attribute `shape`.
    """
    import numpy as np

    after = operand.described.shape
    if not isinstance(operand.value, np.ndarray) or after is None or len(after) != 3:
        return
    steps = list(case.origins.steps(operand))
    if any(is_turn(step.node) for step in steps):
        return
    made_of = {node.id for step in steps for node in ast.walk(step.node) if isinstance(node, ast.Name)}
    for name, other in variables(case.run.namespace):
        if name not in made_of or type(other) is not np.ndarray:
            continue
        before = as_shape(other.shape)
        if before is None or len(before) != 3:
            continue
        # The samples stay, or nothing was meant to be turned; an axis of one may go anywhere.
        if before[0] != after[0] or before == after or sorted(before) != sorted(after) or 1 in before:  # type: ignore[type-var]
            continue
        if other.dtype.kind not in "fiub" or not _cut_not_turned(other, operand.value):
            continue
        turned = f"{name}.transpose(0, 2, 1)"
        sentence = say(
            "`{array}` {after} holds the numbers of `{written}` {shape} in the order in which they lie there: a reshape, so every sample is now a mix of several timesteps; to move the axes, `{turned}`.",
            array=operand.label,
            after=text(after),
            written=name,
            shape=text(before),
            turned=turned,
        )
        op = Replace(turned, other.transpose(0, 2, 1))
        turn = Candidate(
            "transpose",
            say("Turn the axes instead: {shape}", shape=text(after))[:60],
            say("A transpose moves whole axes and leaves every sample as it was."),
            "sure",
            data=((operand, op),),
            target=operand.name,
            before=before,
            after=after,
            siblings=False,
        )
        yield case.notice("scrambled", sentence, operand, None, (turn,))
        return


def _reshape(step: Step, case: Case) -> tuple[Sizes, Sizes] | None:
    """Sizes before and after, when the step is a reshape that changes only their order."""
    call = step.node
    if not isinstance(call, ast.Call) or called_name(call) != "reshape":
        return None
    if any(keyword.arg == "order" for keyword in call.keywords) or is_turned(call):
        return None
    source = array_of(call)
    if source is None or isinstance(source, ast.Call):
        return None
    written = dimensions(call)
    by_name = _named(written, source, step, case.origins)
    if by_name is not None:
        # The text itself gives the array's own sizes in another order.
        live = _live(step, case)
        shape = as_shape(getattr(live, "shape", None)) or ()
        after = tuple(int(size or 0) for size in shape)
        if len(after) == len(by_name) and _differs(after, by_name):
            before = [0] * len(after)
            for place, axis in enumerate(by_name):
                before[axis] = after[place]
            return tuple(before), after
    return _by_values(call, source, written, step, case)


def _by_values(
    call: ast.Call, source: ast.expr, written: list[ast.expr], step: Step, case: Case
) -> tuple[Sizes, Sizes] | None:
    namespace = case.run.namespace
    try:
        array = safe_value(source, namespace)
    except Unknowable:
        return None
    before = as_shape(getattr(array, "shape", None))
    if before is None or not 2 <= len(before) <= 5 or None in before or not hasattr(array, "flat"):
        return None
    root = source
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    live = _live(step, case)
    if live is not None:
        after = as_shape(getattr(live, "shape", None))
        if after is None or None in after or not _same_order(array, live):
            return None
    else:
        if isinstance(root, ast.Name) and case.origins.after(root.id, step.order):
            return None
        after = sizes_of(written, namespace, before)
    if after is None or len(after) != len(before) or sorted(after) != sorted(before):  # type: ignore[type-var]
        return None
    if [size for size in before if size != 1] == [size for size in after if size != 1]:
        return None
    return tuple(int(size or 0) for size in before), tuple(int(size or 0) for size in after)


def _live(step: Step, case: Case) -> Any:
    """The value that the step made, when a variable still holds it."""
    if step.name is None or case.origins.after(step.name, step.order):
        return None
    held = case.run.namespace.get(step.name)
    return held if hasattr(held, "shape") else None


def is_turn(node: ast.AST) -> bool:
    """Whether an expression itself turns the axes of an array: `a.T`, `np.transpose(a)`."""
    if isinstance(node, ast.Attribute):
        return node.attr in (*TURNS, "T")
    return isinstance(node, ast.Call) and called_name(node) in TURNS


def is_turned(call: ast.AST) -> bool:
    """Whether the same expression turns the axes after the reshape."""
    node = parent_of(call)
    while isinstance(node, ast.expr):
        if is_turn(node):
            return True
        node = parent_of(node)
    return False


def dimensions(call: ast.Call) -> list[ast.expr]:
    rest = rest_of(call)
    if not rest:
        rest = [k.value for k in call.keywords if k.arg in ("shape", "newshape")]
    if len(rest) == 1 and isinstance(rest[0], (ast.Tuple, ast.List)):
        return list(rest[0].elts)
    return rest


def _named(written: list[ast.expr], source: ast.expr, step: Step, origins: Origins) -> Sizes | None:
    """Which axes of the source the sizes are, when each is written as one: `X.shape[2]`."""
    axes = []
    told = ast.dump(source)
    for node in written:
        if isinstance(node, ast.Name):
            found = origins.before(node.id, step.order)
            if found is None or origins.after(node.id, found.order):
                return None
            if isinstance(source, ast.Name) and origins.before(source.id, found.order) is not origins.before(
                source.id, step.order
            ):
                return None
            node = found.value
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "len"
            and node.args
            and ast.dump(node.args[0]) == told
        ):
            axes.append(0)
            continue
        if not (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
            and ast.dump(node.value.value) == told
            and isinstance(node.slice, ast.Constant)
            and type(node.slice.value) is int
        ):
            return None
        axes.append(node.slice.value)
    return tuple(axes) if len(axes) >= 2 and sorted(axes) == list(range(len(axes))) else None


def _differs(after: Sizes, axes: Sizes) -> bool:
    """Whether turning the axes so moves numbers: an axis of one may go anywhere."""
    kept = [axis for axis, size in zip(axes, after, strict=True) if size != 1]
    return kept != sorted(kept)


def sizes_of(written: list[ast.expr], namespace: dict[str, Any], before: Any) -> Any:
    try:
        sizes = [safe_value(node, namespace) for node in written]
    except Unknowable:
        return None
    if len(sizes) == 1 and type(sizes[0]) is tuple:
        sizes = list(sizes[0])
    if not all(type(size) is int for size in sizes) or sizes.count(-1) > 1:
        return None
    if -1 in sizes:
        total = rest = 1
        for size in before:
            total *= size
        for size in sizes:
            rest *= size if size != -1 else 1
        if not rest or total % rest:
            return None
        sizes[sizes.index(-1)] = total // rest
    return tuple(sizes)


def _same_order(before: Any, after: Any) -> bool:
    """Whether the numbers lie in the same order in both, by a few of them."""
    import numpy as np

    if before.size != after.size or not before.size or not hasattr(after, "flat"):
        return False
    places = np.unique(np.linspace(0, before.size - 1, 64).astype(int))
    return bool(
        np.allclose(before.flat[places].astype(float), after.flat[places].astype(float), equal_nan=True)
    )


def _cut_not_turned(before: Any, after: Any) -> bool:
    """Whether the numbers of (n, a, b) lie in (n, b, a) as a reshape leaves them, and not as a transpose does.

    Asked at a few thousand places, drawn by a generator of its own. Only those tell where the two differ:
    in an array of zeros, say, none does.
    """
    import numpy as np

    after = np.ndarray.view(after, np.ndarray)
    turned = before.transpose(0, 2, 1)
    if after.shape != turned.shape or after.dtype.kind not in "fiub":
        return False
    size = int(before.size)
    if size > PLACES:
        places = np.unique(np.random.RandomState(0).randint(0, size, PLACES, dtype=np.int64))
    else:
        places = np.arange(size)
    there, here = np.unravel_index(places, before.shape), np.unravel_index(places, after.shape)
    lying, moved, found = (part.astype(float) for part in (before[there], turned[here], after[here]))
    telling = ~np.isclose(lying, moved, equal_nan=True)
    return bool(np.count_nonzero(telling) >= TELLING and np.allclose(found, lying, equal_nan=True))


def _scrambled(case: Case, operand: Operand, step: Step, before: Sizes, after: Sizes) -> Notice:
    call = step.node
    assert isinstance(call, ast.Call)
    source = array_of(call)
    assert source is not None
    written = text_of(step.cell, source)
    turns = [axes for axes in permutations(range(len(before))) if tuple(before[a] for a in axes) == after]
    name = step.name or operand.name
    rank = ", ".join(map(str, turns[0]))
    turned = (
        f"{written}.transpose({rank})"
        if is_method(call)
        else f"{_spelt(call, 'transpose')}({written}, ({rank}))"
    )
    told = {"written": written, "shape": text(before), "after": text(after), "turned": turned}
    if name:
        sentence = say(
            "`{written}` {shape} was reshaped to {after} for `{name}`: a reshape keeps the numbers in the order in which they lie, so every sample is now a mix of several; to move the axes, `{turned}`.",
            **told,
            name=name,
        )
    else:
        sentence = say(
            "`{written}` {shape} was reshaped to {after}: a reshape keeps the numbers in the order in which they lie, so every sample is now a mix of several; to move the axes, `{turned}`.",
            **told,
        )
    candidates: tuple[Candidate, ...] = ()
    if len(turns) == 1:
        change = Change.replacing(call, turned)
        candidates = (
            Candidate(
                "transpose",
                say("Turn the axes instead: {shape}", shape=text(after))[:60],
                say("A transpose moves whole axes and leaves every sample as it was."),
                "sure",
                source=lambda _: SourceEdit(((step.cell, change),)),
                target=name,
                before=before,
                after=after,
            ),
        )
    array = array_info(operand)
    if name is not None and name != operand.name and name in case.run.namespace:
        described = describe(case.run.namespace[name])
        array = ArrayInfo(name, name, operand.role, described.shape, described.dtype)
    return case.notice("scrambled", sentence, None, None, candidates, _line(step, case), array)


def _spelt(call: ast.Call, name: str) -> str:
    assert isinstance(call.func, ast.Attribute)
    return f"{ast.unparse(call.func.value)}.{name}"


def _line(step: Step, case: Case) -> int | None:
    if step.cell is case.run.cell and hasattr(step.node, "lineno"):
        return step.node.lineno + case.run.cell.offset
    return None


def time_major(case: Case) -> Iterator[Notice]:
    """The first axis is time and the second the samples, and the sizes happen to agree."""
    if not case.look.known:
        return
    for operand in case.evidence.operands:
        shape = operand.described.shape
        if operand.role not in ("x", "inputs") or shape is None or len(shape) != 3 or shape[0] != shape[1]:
            continue
        count = case.evidence.samples_of_target()
        if count is not None and count != shape[0]:
            continue
        if not any(
            r.recurrent and r.keeps and r.source and r.source[1:] == shape[1:] for r in case.look.readings
        ):
            # Between the input and the recurrent layer the model turns the axes itself, perhaps.
            continue
        rows = min(64, 4096 // max(1, (shape[1] or 1) * (shape[2] or 1)))
        sample = hints.sample_of(operand.value, rows) if rows >= 3 else None
        smoother = hints.smoother(hints.roughness(sample, 0), hints.roughness(sample, 1))
        roles = roles_of(operand, case.origins)
        if roles is None and smoother == 0:
            roles = turned_to_the_front(operand, case.origins)
        if roles is None or roles.axes[:2] != (TIME, SAMPLES) or smoother == 1:
            continue
        yield _time_major(case, operand, roles.step, roles.repair)
        return


def _time_major(
    case: Case, operand: Operand, step: Step | None, repair: tuple[ast.expr, str] | None
) -> Notice:
    shape = operand.described.shape or ()
    how = f" (`{text_of(step.cell, step.node)}`)" if step is not None else ""
    sentence = say(
        "`{array}` {shape} has time on its first axis and the samples on its second{how}; Keras wants (samples, timesteps, features), and only because both are {size} did nobody notice.",
        array=operand.label,
        shape=text(shape),
        how=how,
        size=shape[0],
    )
    candidates: tuple[Candidate, ...] = ()
    if repair is not None and step is not None:
        node, new = repair
        change = Change.replacing(node, new)
        candidates = (
            Candidate(
                "transpose",
                say("Put the samples on the first axis"),
                say("Every row of the array is then one sequence, in step with its target."),
                "sure",
                source=lambda _: SourceEdit(((step.cell, change),)),
                target=operand.name,
                before=shape,
                after=shape,
            ),
        )
    line = _line(step, case) if step is not None else None
    return case.notice("time_major", sentence, operand, None, candidates, line)
