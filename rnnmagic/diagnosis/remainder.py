"""A fixed batch size that the data does not divide into: stateful layers."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import AXES3, Candidate, Diagnosis
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.report import LayerInfo
from rnnmagic.source import CannotEdit, Change, parse
from rnnmagic.values import asked, describe

if TYPE_CHECKING:
    from rnnmagic.cells import Cell
    from rnnmagic.editor import Editor, SourceEdit


def batch_remainder(evidence: Evidence, failing: Any, *, validation: bool = False) -> Diagnosis | None:
    """A stateful layer with a fixed batch size that the data, or the validation data, does not divide into."""
    from rnnmagic.frameworks.wanted import batch_size_of, rnn_in
    from rnnmagic.ops import Slice

    layer = rnn_in(failing.layer)
    if not getattr(layer, "stateful", False) or not isinstance(failing.inputs, tuple):
        return None
    size = batch_size_of(layer)
    x, y = evidence.operand("x") or evidence.operand("inputs"), evidence.operand("y")
    if validation:
        x, y = evidence.operand("validation_x"), evidence.operand("validation_y")
    if size is None or x is None or failing.inputs[0] == size:
        return None
    rows = (x.described.shape or (None,))[0]
    if rows is None:
        return _of_dataset(evidence, failing, x, size)
    usable = rows // size * size
    argument = "batch_size"
    given = evidence.arguments.get(argument)
    if validation and (evidence.arguments.get("validation_batch_size") or given != size):
        # Keras takes the batches of the training unless it is told another size.
        argument = "validation_batch_size"
        given = evidence.arguments.get(argument) or given
    held = 0 if validation else _held_back(evidence, rows)
    if held:
        return _split(evidence, failing, x, size, rows, held)
    sentence = _sentence(evidence, failing, x, size, rows)
    candidates: list[Candidate] = []
    if usable and evidence.method in ("fit", "evaluate", "predict"):
        op = Slice(0, None, usable, kind="trim", repeatable=True)
        data: list[Any] = [(x, op)] if usable != rows else []
        if y is not None and usable != rows:
            data.append((y, op))
        source = (
            None
            if given == size
            else (lambda editor: editor.set_call_argument(evidence, argument, str(size)))
        )
        candidates.append(
            Candidate(
                "trim" if data else "batch",
                say(
                    "Use {usable} of {rows} samples: {batches} whole batches",
                    usable=usable,
                    rows=rows,
                    batches=usable // size,
                )
                if data
                else f"{argument}={size}",
                say(
                    "{usable} is the largest number of samples that divides into batches of {size}.",
                    usable=usable,
                    size=size,
                ),
                "sure",
                say("The last {samples} samples are not used.", samples=rows - usable) if data else None,
                data=tuple(data),
                source=source,
                target=x.name,
                before=x.described.shape,
                after=op.shape(x.described.shape or (None,)),
                siblings=False,
            )
        )
    candidates += _whole_batches(evidence, [x, *([y] if y is not None else [])], size)
    candidates += _fewer(evidence, x, size, rows)
    return Diagnosis(
        "batch_remainder",
        sentence,
        "run",
        x,
        _layer_info(failing, evidence, size),
        candidates=tuple(candidates),
    )


def _of_dataset(evidence: Evidence, failing: Any, x: Operand, size: int) -> Diagnosis | None:
    """A dataset whose last batch is smaller, or whose batches are of another size."""
    from rnnmagic.frameworks.keraslike.batchsize import sizes_of_dataset
    from rnnmagic.frameworks.wanted import class_of
    from rnnmagic.ops import Rebatched

    if asked(x.value, "element_spec") is None:
        return None
    whole, rest = sizes_of_dataset(x.value)
    sentence = say(
        "The stateful {layer} takes batches of exactly {size}; `{array}` gives batches of {given}, and a last one of {rest}.",
        layer=f"{class_of(failing.layer)} '{failing.layer.name}'",
        size=size,
        array=x.label,
        given=whole or say("another size"),
        rest=rest or failing.inputs[0],
    )
    why = say("All batches are then whole, {size} samples each.", size=size)
    candidates = [
        Candidate(
            "batch", say("Batch by {size}, whole batches only", size=size), why, "sure", data=((x, Rebatched(size)),),
            target=x.name, siblings=False,
        )
    ]  # fmt: skip
    if whole == size:
        candidates.insert(
            0,
            Candidate(
                "batch", "drop_remainder=True", why, "sure", source=lambda editor: editor.drop_remainder(x, "batch"), target=x.name
            ),
        )  # fmt: skip
    return Diagnosis(
        "batch_remainder",
        sentence,
        "run",
        x,
        _layer_info(failing, evidence, size),
        candidates=tuple(candidates),
    )


def _sentence(evidence: Evidence, failing: Any, x: Operand, size: int, rows: int) -> str:
    from rnnmagic.frameworks.wanted import class_of

    told = {
        "layer": f"{class_of(failing.layer)} '{failing.layer.name}'",
        "size": size,
        "array": x.label,
        "rows": rows,
    }
    given = evidence.arguments.get("batch_size")
    if (evidence.method or "").endswith("on_batch") or evidence.method == "__call__":
        return say(
            "The stateful {layer} takes batches of exactly {size}; `{array}` holds {rows} samples, one whole batch is wanted.",
            **told,
        )
    if given == size:
        return say(
            "The stateful {layer} takes batches of exactly {size}; `{array}` holds {rows} samples, so that the last batch has only {last}.",
            **told,
            last=rows % size,
        )
    return say(
        "The stateful {layer} takes batches of exactly {size}; `{array}` holds {rows} samples, and the batch size is {given}.",
        **told,
        given=given or 32,
    )


def _whole_batches(evidence: Evidence, operands: list[Operand], size: int) -> Iterator[Candidate]:
    """Batches cut by hand, `X[i : i + 16]` in a loop: only as many samples as make whole batches."""
    from rnnmagic.ops import Slice

    if evidence.method not in ("train_on_batch", "test_on_batch", "predict_on_batch"):
        return
    wholes = [_cut_from(operand, evidence) for operand in operands]
    counts = {(whole.described.shape or (None,))[0] if whole is not None else None for whole in wholes}
    rows = counts.pop() if len(counts) == 1 else None
    if rows is None or rows < size or rows % size == 0:
        return
    usable = rows // size * size
    op = Slice(0, None, usable, kind="trim", repeatable=True)
    first = wholes[0]
    assert first is not None
    yield Candidate(
        "trim", say("Use {usable} of {rows} samples: {batches} whole batches", usable=usable, rows=rows, batches=usable // size)[:60],
        say("{usable} is the largest number of samples that divides into batches of {size}.", usable=usable, size=size), "sure",
        say("The last {samples} samples are not used.", samples=rows - usable), data=tuple((whole, op) for whole in wholes if whole is not None),
        target=first.name, before=first.described.shape, after=op.shape(first.described.shape or (None,)), siblings=False,
    )  # fmt: skip


def _cut_from(operand: Operand, evidence: Evidence) -> Operand | None:
    """The variable that a batch was cut from, by a slice in the call or in the line that names it."""
    node: ast.expr | None = operand.node
    if isinstance(node, ast.Name) and operand.place is not None:
        node = _last_value(node.id, operand.place.cell)
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return None
    name = node.value.id if isinstance(node.value, ast.Name) else None
    value = evidence.namespace.get(name or "")
    described = describe(value)
    if name is None or described.carrier not in ("array", "tensor", "frame") or not described.shape:
        return None
    return Operand(operand.role, None, value, described, name, name, is_global=True)


def _last_value(name: str, cell: Cell) -> ast.expr | None:
    """What a name is last set to in a cell, `a, b = X[i:j], y[i:j]` taken apart."""
    found: ast.expr | None = None
    tree = parse(cell.transformed)
    for step in ast.walk(tree) if tree is not None else ():
        if not isinstance(step, ast.Assign) or len(step.targets) != 1:
            continue
        target, value = step.targets[0], step.value
        pairs = [(target, value)]
        if (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
        ):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for left, right in pairs:
            if isinstance(left, ast.Name) and left.id == name:
                found = right
    return found


def _layer_info(failing: Any, evidence: Evidence, size: int) -> LayerInfo:
    from rnnmagic.frameworks.wanted import class_of

    shape = failing.inputs
    return LayerInfo(
        failing.layer.name,
        class_of(failing.layer),
        evidence.model_name,
        (size, *shape[1:]),
        shape,
        AXES3,
        AXES3,
    )


def _held_back(evidence: Evidence, rows: int) -> int:
    """Samples that `validation_split` takes from the end."""
    split = evidence.arguments.get("validation_split")
    if evidence.method != "fit" or not isinstance(split, float) or not 0 < split < 1:
        return 0
    return rows - int(rows * (1 - split))


def _split(evidence: Evidence, failing: Any, x: Operand, size: int, rows: int, held: int) -> Diagnosis:
    """Both parts of a `validation_split` must divide."""
    from rnnmagic.frameworks.wanted import class_of

    wanted = max(size, round(held / size) * size)
    candidates: list[Candidate] = []
    # Rounded down as well: Keras rounds the samples that are left to train on down.
    near = (how(wanted / rows * 10**digits) / 10**digits for digits in (2, 3, 4, 6) for how in (round, int))
    share = next((share for share in near if _parts(rows, share) == wanted), None)
    if rows % size == 0 and wanted < rows and share is not None:
        candidates.append(
            Candidate(
                "batch", say("validation_split={share}: {wanted} of {rows} samples", share=share, wanted=wanted, rows=rows)[:60],
                say("{samples} samples to train on and {wanted} to validate with, all in batches of {size}.", samples=rows - wanted, wanted=wanted, size=size), "sure",
                source=lambda editor: editor.set_call_argument(evidence, "validation_split", str(share)), target=x.name,
            )
        )  # fmt: skip
    candidates += _both_divide(evidence, x, size, rows)
    sentence = say(
        "The stateful {layer_class} '{layer_name}' takes batches of exactly {size}; validation_split leaves {samples} samples of `{array}` to train on and {held} to validate with, and both must divide.",
        layer_class=class_of(failing.layer),
        layer_name=failing.layer.name,
        size=size,
        samples=rows - held,
        array=x.label,
        held=held,
    )
    return Diagnosis(
        "batch_remainder",
        sentence,
        "run",
        x,
        _layer_info(failing, evidence, size),
        candidates=tuple(candidates),
    )


def _both_divide(evidence: Evidence, x: Operand, size: int, rows: int) -> Iterator[Candidate]:
    """So many samples that both parts of the split, its share unchanged, are whole batches."""
    from rnnmagic.ops import Slice

    share, y = evidence.arguments["validation_split"], evidence.operand("y")
    for usable in range(rows // size * size, 2 * size - 1, -size):
        held = _parts(usable, share)
        if held % size == 0 and 0 < held < usable < rows:
            op = Slice(0, None, usable, kind="trim", repeatable=True)
            yield Candidate(
                "trim", say("Use {usable} of {rows} samples: {batches} whole batches", usable=usable, rows=rows, batches=usable // size)[:60],
                say("{samples} samples to train on and {wanted} to validate with, all in batches of {size}.", samples=usable - held, wanted=held, size=size),
                "likely", say("The last {samples} samples are not used.", samples=rows - usable),
                data=tuple((one, op) for one in (x, y) if one is not None), target=x.name, before=x.described.shape,
                after=op.shape(x.described.shape or (None,)), siblings=False,
            )  # fmt: skip
            return


def _parts(rows: int, share: float) -> int:
    return rows - int(rows * (1 - share))


def _fewer(evidence: Evidence, x: Operand, size: int, rows: int) -> Iterator[Candidate]:
    """Fewer samples than a batch: filled up to a whole one, and only the answers asked for are kept."""
    if not 0 < rows < size or evidence.method not in ("predict", "predict_on_batch", "__call__"):
        return
    yield Candidate(
        "batch", say("Fill up to a batch of {size}, keep {rows} of the answers", size=size, rows=rows)[:60],
        say("The layer keeps a state for each of {size} places; the same samples again fill those that are free.", size=size), "likely",
        say("The state of all places moves on; reset it where the samples are new sequences."),
        source=_filled(evidence, x, size, rows), target=x.name, before=x.described.shape,
        after=(size, *(x.described.shape or ())[1:]),
    )  # fmt: skip


def _filled(evidence: Evidence, x: Operand, size: int, rows: int) -> Callable[[Editor], SourceEdit]:
    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit
        from rnnmagic.writing import spelling

        site = evidence.site
        if (
            site is None
            or site.call is None
            or x.node is None
            or x.place is None
            or x.place.cell is not site.cell
        ):
            raise CannotEdit("the call is not written out")
        numpy, line = spelling("numpy", evidence.namespace)
        if line is not None:
            raise CannotEdit("NumPy is not imported")
        given = ast.unparse(x.node)
        if rows == 1:
            code = f"{numpy}.repeat({given}, {size}, axis=0)"
        else:
            code = f"{numpy}.resize({given}, ({size}, *{numpy}.shape({given})[1:]))"
        call = copy.deepcopy(site.call)
        filled = ast.parse(code, mode="eval").body
        places = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
        place = next((i for i, argument in enumerate(places) if argument is x.node), None)
        if place is None:
            raise CannotEdit("the data is not an argument of the call")
        if place < len(call.args):
            call.args[place] = filled
        else:
            call.keywords[place - len(call.args)].value = filled
        if evidence.method == "predict":
            call.keywords = [k for k in call.keywords if k.arg != "batch_size"]
            call.keywords.append(ast.keyword("batch_size", ast.Constant(size)))
        return SourceEdit(((site.cell, Change.replacing(site.call, f"{ast.unparse(call)}[:{rows}]")),))

    return source
