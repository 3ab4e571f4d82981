"""The arguments of the call are written wrongly, or hold what no layer can use, whatever their shape."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Expand, Op, ShapesTold
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import CannotEdit, Change, parse
from rnnmagic.values import as_shape, asked

if TYPE_CHECKING:
    from rnnmagic.cells import Cell
    from rnnmagic.editor import Editor, SourceEdit


def misplaced(evidence: Evidence) -> Diagnosis | None:
    """`fit((X, y))`, and a generator function that was not called."""
    x = evidence.arguments.get("x")
    # Any other object would be asked for its class, and may raise.
    if type(x) in (FunctionType, MethodType) and inspect.isgeneratorfunction(x):
        return _not_called(evidence)
    if type(x) is tuple and len(x) == 2 and evidence.arguments.get("y") is None:
        return _as_one(evidence)
    return None


def _not_called(evidence: Evidence) -> Diagnosis | None:
    operand = evidence.operand("x")
    if operand is None or operand.node is None or operand.place is None:
        return None
    node, place = operand.node, operand.place
    label = operand.label

    def source(editor: Editor) -> SourceEdit:
        return editor.replace_node(place, node, f"{label}()")

    fix = Candidate(
        "other",
        say("Call it: {label}()", label=label)[:60],
        say("The call makes the generator."),
        "sure",
        source=source,
        target=operand.name,
    )
    return Diagnosis(
        "other", say("`{label}` is a function; what it yields comes from the generator that calling it gives.", label=label), "data", operand,
        candidates=(fix,),
    )  # fmt: skip


def _as_one(evidence: Evidence) -> Diagnosis | None:
    from rnnmagic.frameworks.keraslike.calls import inputs_of

    operands = [operand for operand in evidence.operands if operand.role == "x"]
    site = evidence.site
    if len(operands) != 2 or (inputs_of(evidence.model) or 1) != 1 or evidence.method == "predict":
        return None
    rows = [(operand.described.shape or (None,))[0] for operand in operands]
    if rows[0] != rows[1] or site is None or site.call is None:
        return None
    written = site.call.args[0] if site.call.args else None
    first, second = operands

    def source(editor: Editor) -> SourceEdit:
        if not isinstance(written, ast.Tuple) or site is None:
            raise CannotEdit("the pair is not written out in the call")
        return editor.replace_node(site, written, ", ".join(ast.unparse(item) for item in written.elts))

    fix = Candidate(
        "reorder", say("Pass {array} and {second_array} one by one", array=first.label, second_array=second.label)[:60], say("Data and target are two arguments."), "sure",
        source=source, target=first.name,
    )  # fmt: skip
    return Diagnosis(
        "input_count",
        say(
            "`{array}` and `{second_array}` are passed as one tuple, which Keras reads as two inputs and no target.",
            array=first.label,
            second_array=second.label,
        ),
        "loss",
        first,
        candidates=(fix,),
    )


def no_steps(evidence: Evidence) -> Diagnosis | None:
    """An array with an axis of size 0: there is nothing in it."""
    for operand in evidence.operands:
        shape = operand.described.shape
        if shape and 0 in shape[1:]:
            axis = shape.index(0, 1)
            what = "timestep" if axis == 1 and len(shape) == 3 else "number"
            return Diagnosis(
                "timesteps" if what == "timestep" else "features",
                say(
                    "`{array}` is {shape}: there is not one timestep in its samples. Look at how it was cut.",
                    array=operand.label,
                    shape=text(shape),
                )
                if what == "timestep"
                else say(
                    "`{array}` is {shape}: there is not one number in its samples. Look at how it was cut.",
                    array=operand.label,
                    shape=text(shape),
                ),
                "data",
                operand,
                _first_layer(evidence, shape),
            )
    return None


def _first_layer(evidence: Evidence, shape: Shape) -> LayerInfo | None:
    from rnnmagic.frameworks.wanted import class_of, wanted_inputs

    wanted = wanted_inputs(evidence.model)
    layer = wanted[0].layer if wanted else None
    if layer is None:
        return None
    return LayerInfo(str(layer.name), class_of(layer), evidence.model_name, wanted[0].shape, shape)


def ids_beyond(evidence: Evidence) -> Diagnosis | None:
    """Ids for which an Embedding has no row."""
    from rnnmagic.frameworks.keraslike.labels import label_range
    from rnnmagic.frameworks.wanted import class_of, is_trained, wanted_inputs

    wanted = wanted_inputs(evidence.model)
    operands = [o for o in evidence.operands if o.role in ("x", "inputs")]
    for operand, wish in zip(operands, wanted, strict=False):
        rows = getattr(wish.layer, "input_dim", None)
        if class_of(wish.layer) != "Embedding" or not isinstance(rows, int):
            continue
        layer = wish.layer
        bounds = label_range(operand.value)
        if bounds is None or bounds[1] < rows:
            continue
        highest = bounds[1]
        fixes = (
            Candidate(
                "layer_argument", say("input_dim={size} on Embedding '{layer_name}'", size=highest + 1, layer_name=layer.name)[:60],
                say("One row for each id from 0 on: the largest id and one more."), "sure" if not is_trained(evidence.model) else "possible",
                source=_set(layer, "input_dim", str(highest + 1)),
                target=layer.name,
            ),
            Candidate(
                "other", say("Ids from {rows} on as id {last}", rows=rows, last=rows - 1)[:60], say("Right when that id stands for unknown words."), "possible",
                say("The words with larger ids are no longer told apart."),
                data=((operand, _Clipped(rows - 1)),), target=operand.name, before=operand.described.shape,
                after=operand.described.shape,
            ),
        )  # fmt: skip
        sentence = say(
            "`{array}` holds ids up to {highest}; Embedding '{layer_name}' has {rows}, for the ids 0 to {last}.",
            array=operand.label,
            highest=highest,
            layer_name=layer.name,
            rows=plural(rows, "row"),
            last=rows - 1,
        )
        return Diagnosis(
            "other",
            sentence,
            "call",
            operand,
            _first_layer(evidence, operand.described.shape or ()),
            candidates=fixes,
        )
    return None


def _set(layer: Any, name: str, text: str) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.set_argument(layer, name, text)


class _Clipped(Op):
    """Ids that are too large, as the largest there is: `np.minimum(x, 99)`."""

    kind = "other"
    repeatable = True

    def __init__(self, highest: int) -> None:
        self.highest = highest

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.minimum(value, self.highest)

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{spell('numpy')}.minimum({expression}, {self.highest})"


def unequal_elements(evidence: Evidence) -> Diagnosis | None:
    """A dataset of sequences of unequal length, put into batches."""
    operand = evidence.operand("x")
    if operand is None or operand.described.carrier != "dataset":
        return None
    said = str(evidence.run.error)
    if (
        "Cannot batch tensors with different shapes" not in said
        and "Cannot add tensor to the batch" not in said
    ):
        return None

    def source(editor: Editor) -> SourceEdit:
        return editor.combine(*(_padded(editor, cell, node) for cell, node in _batchings(evidence, operand)))

    fix = Candidate(
        "pad", say("Fill up each batch: {array}.padded_batch", array=operand.label)[:60], say("The sequences of a batch are filled up to the longest."), "sure",
        say("Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer)."),
        source=source, target=operand.name,
    )  # fmt: skip
    sentence = say(
        "`{array}` gives sequences of unequal length, and batch() takes equal ones only. padded_batch() fills them up.",
        array=operand.label,
    )
    return Diagnosis("ragged", sentence, "data", operand, candidates=(fix,))


def _batchings(evidence: Evidence, operand: Operand) -> list[tuple[Cell, ast.Attribute]]:
    """Where the dataset is put into batches: in the call itself, or where the variable is made."""
    homes: list[tuple[Cell, ast.AST]] = []
    if operand.node is not None and operand.place is not None:
        homes.append((operand.place.cell, operand.node))
    for cell in reversed(list(evidence.run.log)):
        tree = parse(cell.transformed)
        for statement in reversed(tree.body) if tree is not None else []:
            names = [t.id for t in getattr(statement, "targets", []) if isinstance(t, ast.Name)]
            if isinstance(statement, ast.Assign) and operand.name in names:
                homes.append((cell, statement.value))
    for cell, home in homes:
        found = [
            (cell, node.func)
            for node in ast.walk(home)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "batch"
        ]
        if found:
            return found[:1]
    raise CannotEdit("the call of batch was not found")


def _padded(editor: Editor, cell: Cell, node: ast.Attribute) -> SourceEdit:
    from rnnmagic.editor import SourceEdit

    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return SourceEdit(((cell, Change(line, column - len("batch"), line, column, "padded_batch")),))


def unknown_rank(evidence: Evidence) -> Diagnosis | None:
    """A dataset made with `from_generator(…, output_types=…)`: it knows no shapes."""
    operand = evidence.operand("x")
    element = asked(operand.value, "element_spec") if operand is not None else None
    items = element if type(element) is tuple else (element,)
    if operand is None or element is None or not any(_no_rank(item) for item in items):
        return None
    return Diagnosis(
        "rank",
        say(
            "`{array}` does not know the shape of what it gives, and a model needs at least the number of axes. Say it with output_signature=… where the dataset is made.",
            array=operand.label,
        ),
        "data",
        operand,
        _first_layer(evidence, ()),
        candidates=tuple(_told(evidence, operand, len(items))),
    )


def _no_rank(item: Any) -> bool:
    shape = getattr(item, "shape", None)
    return shape is not None and getattr(shape, "rank", 0) is None


def _told(evidence: Evidence, operand: Operand, count: int) -> Iterator[Candidate]:
    from rnnmagic.frameworks.wanted import wanted_inputs

    wanted = wanted_inputs(evidence.model)
    outputs = asked(evidence.model, "outputs")
    if len(wanted) != 1 or wanted[0].shape is None or count > 2:
        return
    shapes: tuple[Shape, ...] = (wanted[0].shape,)
    if count == 2:
        answer = as_shape(outputs[0].shape) if outputs else None
        if answer is None:
            return
        shapes = (*shapes, answer)
    yield Candidate(
        "other", say("Tell the dataset its shapes: ensure_shape"), say("Those that the model takes and answers with."), "possible",
        say("Check that the generator gives batches of these shapes."),
        data=((operand, ShapesTold(shapes)),), target=operand.name, siblings=False,
    )  # fmt: skip


def weights_apart(evidence: Evidence, output: Any) -> Diagnosis | None:
    """Sample weights that are not one number a sample, where the loss takes the rest of the call."""
    operand = evidence.operand("sample_weight")
    shape = None if operand is None else operand.described.shape
    if operand is None or shape is None or not isinstance(output, tuple):
        return None
    if len(shape) < 2 and not (len(shape) == 1 and len(output) == 3):
        return None
    without = {**evidence.arguments, "sample_weight": None}
    framework = frameworks.of(evidence.model)
    if framework is None:
        return None
    if not framework.try_call(evidence.model, evidence.method or "", without, open_sandbox=True).ok:
        return None
    sentence = say(
        "The sample weights `{array}` are {shape}; the model gives {output_shape}, and its loss has one number for each of {places}.",
        array=operand.label,
        shape=text(shape),
        output_shape=text(output),
        places=text(output[:-1]),
    )
    candidates = []
    if len(shape) == 1:
        op: Op = Expand(-1)
        candidates.append(
            Candidate(
                "expand", say("Make {array} {shape}", array=operand.label, shape=text(op.shape(shape)))[:60],
                say("The weight of a sample then counts for each of its timesteps."), "sure", data=((operand, op),),
                target=operand.name, before=shape, after=op.shape(shape), siblings=False,
            )
        )  # fmt: skip
    if len(output) == 2 and len(shape) == 2:
        for op, title, why in (
            (
                _OverSteps(),
                say("Average {array} to one weight a sample", array=operand.label),
                say("Each sample then weighs what its weights are on average."),
            ),
            (
                _LastColumn(),
                say("Keep the last weight of each sample of {array}", array=operand.label),
                say("Right when only the last timestep is predicted."),
            ),
        ):
            candidates.append(
                Candidate(
                    op.kind, title[:60], why, "possible", data=((operand, op),), target=operand.name, before=shape,
                    after=op.shape(shape), siblings=False,
                )
            )  # fmt: skip
    return Diagnosis("target_shape", sentence, "loss", operand, candidates=tuple(candidates))


class _OverSteps(Op):
    """One weight a sample, the average: `w.mean(axis=1)`."""

    kind = "reshape"

    def shape(self, shape: Shape) -> Shape:
        return shape[:1]

    def apply(self, value: Any) -> Any:
        return value.mean(axis=1)

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{spell('numpy')}.mean({expression}, axis=1)"


class _LastColumn(Op):
    """One weight a sample, the last: `w[:, -1]`."""

    kind = "select"

    def shape(self, shape: Shape) -> Shape:
        return shape[:1]

    def apply(self, value: Any) -> Any:
        return value[:, -1]

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{spell('numpy')}.asarray({expression})[:, -1]"
