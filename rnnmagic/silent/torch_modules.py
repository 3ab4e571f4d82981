"""What PyTorch accepted without a word: a loss that broadcasts, samples read as timesteps.

Both are told by what the recorder noted while the cell ran, and by the text of the lines that it noted.
"""

from __future__ import annotations

import ast
import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.torch_modules.compared import Compared
from rnnmagic.diagnosis.torch_modules.losses import compared
from rnnmagic.diagnosis.torch_modules.origins import resolve
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, path_of
from rnnmagic.editor import Editor
from rnnmagic.evidence import Evidence, Operand, name_of
from rnnmagic.language import say
from rnnmagic.report import ArrayInfo, Fix, LayerInfo, Notice, Shape
from rnnmagic.source import Place, function_of, parse, text_of
from rnnmagic.values import describe, is_from, variables

if TYPE_CHECKING:
    from rnnmagic.cells import Run
    from rnnmagic.frameworks.torch_nn.record import Broadcast, Recorder, RnnCall
    from rnnmagic.settings import RnnCheck

_TURNS = ("transpose", "permute", "swapaxes", "movedim", "mT", "T", "rearrange")


def notices(run: Run, recorder: Recorder, settings: RnnCheck) -> Iterator[Notice]:
    """The silent mistakes of a cell that ran clean, one for each line."""
    lines: set[tuple[str, int]] = set()
    noted: list[Any] = [*recorder.broadcasts, *recorder.rnn_calls]
    for found in noted:
        key = (found.code.co_filename, found.line)
        if key in lines:
            continue
        lines.add(key)
        cell = run.log.by_filename(found.code.co_filename)
        if cell is None:
            continue
        with contextlib.suppress(Exception):
            made = (
                _time_major(run, cell, found, settings)
                if hasattr(found, "module")
                else _stretched(run, cell, found, settings)
            )
            if made is not None:
                yield made


def _stretched(run: Run, cell: Cell, found: Broadcast, settings: RnnCheck) -> Notice | None:
    """Target and answer of different shape, compared as a table of all pairs."""
    whole = _broadcast(found.output, found.target)
    if whole is None or _count(whole) <= max(_count(found.output), _count(found.target)):
        return None
    call = _loss_call(cell, found, run)
    if call is None or len(call.args) < 2:
        return None
    place = Place(cell, None, call.lineno, call)
    evidence = _evidence(run, place)
    stack = Stack(evidence, ValueError(), [], place=place)
    case = Compared(stack, found.loss, _Shaped(found.output), found.target_value, call.args[0], call.args[1])
    operand = _operand(run, place, call.args[1], found.target_value)
    judged = compared(case, operand)
    sentence = say(
        "The answer is {shape} and `{array}` {found_shape}: {loss} stretches one over the other to {whole_shape} instead of comparing number by number, so every answer is scored against the wrong targets.",
        shape=text(found.output),
        array=operand.label,
        found_shape=text(found.target),
        loss=found.loss,
        whole_shape=text(whole),
    )
    candidates = () if judged is None else judged.candidates
    described = operand.described
    array = ArrayInfo(operand.name, operand.expression, "y", described.shape, described.dtype)
    fixes = _fixes(evidence, "broadcast_loss", sentence, candidates, settings)
    return Notice("broadcast_loss", sentence, array, None, _line(run, cell, call.lineno), fixes)


class _Shaped:
    """Stands for an answer that is gone: its shape."""

    def __init__(self, shape: Shape) -> None:
        self.shape, self.dtype = shape, "torch.float32"


def _broadcast(one: Shape, two: Shape) -> Shape | None:
    longest = max(len(one), len(two))
    pairs = zip((1,) * (longest - len(one)) + one, (1,) * (longest - len(two)) + two, strict=True)
    sizes = [(int(a or 1), int(b or 1)) for a, b in pairs]
    if any(a != b and 1 not in (a, b) for a, b in sizes):
        return None
    return tuple(max(a, b) for a, b in sizes)


def _count(shape: Shape) -> int:
    return math.prod(int(size or 1) for size in shape)


def _loss_call(cell: Cell, found: Broadcast, run: Run) -> ast.Call | None:
    """The call on that line that was handed the target."""
    tree = parse(cell.transformed)
    calls = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Call)
        and node.lineno <= found.line <= (node.end_lineno or node.lineno)
        and len(node.args) >= 2
        and not any(isinstance(argument, ast.Starred) for argument in node.args)
    ]
    named = [call for call in calls if "loss" in ast.unparse(call.func).lower()]
    losses = [c for c in calls if type(resolve(c.func, _at_top(cell, run))).__name__.endswith("Loss")]
    for group in (losses, named, calls):
        if len(group) == 1:
            return group[0]
    return None


class _Top(Place):
    """A place at the top of a cell, where the kernel's names are what is seen."""

    def __init__(self, cell: Cell, namespace: dict[str, Any]) -> None:
        super().__init__(cell, None, 1, None)
        object.__setattr__(self, "namespace", namespace)

    @property
    def scopes(self) -> tuple[dict[str, Any], ...]:
        return (self.__dict__["namespace"],)


def _at_top(cell: Cell, run: Run) -> Place:
    return _Top(cell, run.namespace)


def _operand(run: Run, place: Place, node: ast.expr, value: Any) -> Operand:
    name = node.id if isinstance(node, ast.Name) else name_of(value, run.namespace)
    here = function_of(node) is None and name in run.namespace
    return Operand("y", None, value, describe(value), name, text_of(place.cell, node), node, place, here)


def _time_major(run: Run, cell: Cell, found: RnnCall, settings: RnnCheck) -> Notice | None:
    """`out[:, -1]` of a layer without batch_first: the last sample, where the last timestep is meant."""
    shape = found.shape
    if found.module.batch_first or shape is None or len(shape) != 3 or (shape[1] or 0) < 2:
        return None
    taken = _last_of_axis_one(cell, found.line)
    if taken is None:
        return None
    call, picked = taken
    outer = _holder(found.module, run)
    evidence = _evidence(run, Place(cell, None, call.lineno, call))
    name = path_of(found.module, outer, evidence) or type(found.module).__name__.lower()
    model = None if outer is None else name_of(outer, run.namespace)
    kind = type(found.module).__name__
    sentence = say(
        "{kind} `{name}` was made without batch_first=True, so it reads its input {shape} as {timesteps} timesteps of {samples} samples; `{picked}` then takes the last sample, not the last timestep.",
        kind=kind,
        name=name,
        shape=text(shape),
        timesteps=shape[0],
        samples=shape[1],
        picked=text_of(cell, picked),
    )
    candidate = Candidate(
        "layer_argument", f"{kind}(batch_first=True)", say("The input is (samples, timesteps, features)."), "sure",
        source=with_argument(found.module, outer, evidence, "batch_first", "True"), target=name,
    )  # fmt: skip
    layer = LayerInfo(name, kind, model, (shape[1], shape[0], shape[2]), shape)
    fixes = _fixes(evidence, "time_major", sentence, (candidate,), settings)
    return Notice("time_major", sentence, None, layer, _line(run, cell, call.lineno), fixes)


def _last_of_axis_one(cell: Cell, line: int) -> tuple[ast.Call, ast.Subscript] | None:
    """`out, _ = self.lstm(x)` and after it `out[:, -1]`, in a method `forward`, nothing turned in between."""
    tree = parse(cell.transformed)
    made = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if len(made) != 1 or not isinstance(made[0].value, ast.Call):
        return None
    target, call = made[0].targets[0], made[0].value
    home = function_of(made[0])
    if (
        not isinstance(home, ast.FunctionDef)
        or home.name != "forward"
        or not isinstance(target, ast.Tuple)
        or len(target.elts) != 2
        or not isinstance(target.elts[0], ast.Name)
    ):
        return None
    name = target.elts[0].id
    for node in ast.walk(home):
        if isinstance(node, ast.Attribute) and node.attr in _TURNS:
            return None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _TURNS:
            return None
    written = [n for n in ast.walk(home) if isinstance(n, ast.Name) and n.id == name]
    if sum(isinstance(n.ctx, ast.Store) for n in written) != 1:
        return None
    for node in ast.walk(home):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id == name
            and isinstance(node.slice, ast.Tuple)
            and ast.unparse(node.slice).replace(" ", "").strip("()") in (":,-1", ":,-1,:", ":,-1,...")
        ):
            return call, node
    return None


def _holder(module: Any, run: Run) -> Any:
    """The kernel's model that the layer is a part of."""
    for name, value in variables(run.namespace):
        if not name.startswith("_") and is_from(value, "torch", "Module") and value is not module:
            if any(part is module for part in value.modules()):
                return value
    return None


def _line(run: Run, cell: Cell, line: int) -> int | None:
    return line + cell.offset if cell is run.cell or cell.filename == run.cell.filename else None


def _evidence(run: Run, place: Place) -> Evidence:
    assert place.node is not None
    return Evidence(run, [place], place, _line(run, place.cell, place.line), text_of(place.cell, place.node))


def _fixes(
    evidence: Evidence, cause: str, summary: str, candidates: tuple[Candidate, ...], settings: RnnCheck
) -> tuple[Fix, ...]:
    if not candidates:
        return ()
    from rnnmagic.examine import Fixer

    try:
        fixer = Fixer(evidence, Editor(evidence), settings, time.perf_counter() + settings.time_limit)
        found = fixer.fixes(Diagnosis(cause, summary, "run", candidates=candidates))
    except Exception:
        return ()
    # Nothing failed, so that only what was tried and holds is worth a word.
    return tuple(replace(fix, id=f"{cause}-{fix.id}") for fix in found if fix.verified)
