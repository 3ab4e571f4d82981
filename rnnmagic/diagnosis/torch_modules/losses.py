"""A loss whose target does not fit the answer: class numbers, their axes, their type, their number."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.torch_modules.compared import (
    Compared,
    answer_name,
    head_name,
    on_answer,
    on_target,
    wider_head,
)
from rnnmagic.diagnosis.torch_modules.origins import is_rnn, maker_of, modules_behind, resolve
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, dtype_of, is_tensor, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import ClassIndex, Expand, Shift, Slice, Squeeze, Transpose
from rnnmagic.ops.tensors import OnTensor, TensorCast

_CLASSES = ("CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss", "nll_loss_nd")
_VALUES = 4_000_000
"""A target longer than this is not looked through for its class numbers."""


def judge(stack: Stack) -> Diagnosis | None:
    """A loss module: `criterion(answer, target)`."""
    answer, target = stack.given(0, "input"), stack.given(1, "target")
    if not is_tensor(answer) or not is_tensor(target):
        return None
    return _compared(
        Compared(
            stack,
            type(stack.module).__name__,
            answer,
            target,
            stack.node(0, "input"),
            stack.node(1, "target"),
        )
    )


def of_function(stack: Stack) -> Diagnosis | None:
    """A loss function: `F.cross_entropy(answer, target)`."""
    frame = next(
        (
            f
            for f in stack.frames
            if f.f_globals.get("__name__") == "torch.nn.functional"
            and "input" in f.f_locals
            and "target" in f.f_locals
        ),
        None,
    )
    place = stack.evidence.places[-1] if stack.evidence.places else None
    if frame is None or place is None:
        return None
    stack.place = place
    answer, target = frame.f_locals["input"], frame.f_locals["target"]
    if not is_tensor(answer) or not is_tensor(target):
        return None
    args = place.call.args if place.call is not None else []
    written = [a for a in args if not isinstance(a, ast.Starred)]
    return _compared(
        Compared(
            stack, frame.f_code.co_name, answer, target, written[0] if written else None,
            written[1] if len(written) > 1 else None,
        )
    )  # fmt: skip


def compared(case: Compared, operand: Operand) -> Diagnosis | None:
    """A loss that ran: what would make its two sides alike."""
    return _values(replace(case, named=operand))


def _compared(case: Compared) -> Diagnosis | None:
    if not case.out:
        return None
    return _batches_swapped(case) or (_classes(case) if case.loss in _CLASSES else _values(case))


def _batches_swapped(case: Compared) -> Diagnosis | None:
    """As many answers as there are timesteps: the layer took the samples for time."""
    out, got = case.out, case.got
    if not got or out[0] == got[0]:
        return None
    for module in modules_behind(case.answer_node, case.stack.place):
        layers = [part for part in module.modules() if is_rnn(part)]
        wrong = [layer for layer in layers if not layer.batch_first]
        fed = _input_of(case, module)
        shape = shape_of(fed)
        if not wrong or shape is None or len(shape) != 3 or shape[0] != got[0] or shape[1] != out[0]:
            continue
        layer = wrong[0]
        name = head_name(layer, module, case)
        candidate = Candidate(
            "layer_argument", f"{type(layer).__name__}(batch_first=True)",
            say("The layer then takes axis 0 of its input for the samples, as the target does."), "sure",
            source=_all_batch_first(wrong, module, case), target=name,
        )  # fmt: skip
        operand = case.stack.operand("x", fed, _input_node(case, module))
        op = OnTensor(Transpose((1, 0, 2)))
        swapped = Candidate(
            "transpose", say("Swap samples and timesteps: {shape}", shape=text(op.shape(shape))),
            say("Right when the model is meant to read (timesteps, samples, features)."), "likely",
            data=((operand, op),), target=operand.name, before=shape, after=op.shape(shape),
        )  # fmt: skip
        return Diagnosis(
            "axis_order",
            say(
                "{kind} `{name}` was made without batch_first=True, so it reads {shape} as ({timesteps} timesteps, {samples} samples): there are {answers} answers for {targets} targets.",
                kind=type(layer).__name__,
                name=name,
                shape=text(shape),
                timesteps=shape[0],
                samples=shape[1],
                answers=out[0],
                targets=got[0],
            ),
            "loss",
            operand,
            replace(case.stack, module=layer, outer=module).info((shape[1], shape[0], shape[2]), shape),
            candidates=(candidate, swapped),
            axes=("samples", "timesteps", "features"),
        )
    return None


def _all_batch_first(layers: list[Any], model: Any, case: Compared) -> Callable[[Editor], SourceEdit]:
    def source(editor: Editor) -> SourceEdit:
        changes: list[Any] = []
        for layer in layers:
            edit = with_argument(layer, model, case.stack.evidence, "batch_first", "True")(editor)
            changes += [change for change in edit.changes if change not in changes]
        return SourceEdit(tuple(changes))

    return source


def _input_node(case: Compared, module: Any) -> ast.expr | None:
    place = case.stack.place
    pending: list[Any] = [case.answer_node]
    for _ in range(8):
        node = pending.pop() if pending else None
        if node is None or place is None:
            return None
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and resolve(part.func, place) is module and part.args:
                return part.args[0]
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                maker = maker_of(part.id, place, node)
                if maker is not None:
                    pending.append(maker.value)
    return None


def _input_of(case: Compared, module: Any) -> Any:
    node, place = _input_node(case, module), case.stack.place
    return None if node is None or place is None else resolve(node, place)


def _classes(case: Compared) -> Diagnosis | None:
    """Class numbers against one score for each class, which stands on axis 1."""
    out, got, kind = case.out, case.got, dtype_of(case.target)
    name = case.operand().label
    classes = out[1] if len(out) > 1 else out[0]
    whole = not kind.startswith("float")
    if len(out) >= 2 and got and out[0] != got[0]:
        return _counts(case)
    if len(out) == 3 and whole and got == out[:2]:
        return case.made(
            "target_shape",
            say("`{name}` {shape} holds a class number for each timestep, and the answer {out_shape} has its {classes} classes last; {loss} wants them on axis 1: {turned}.", name=name, shape=text(got), out_shape=text(out), classes=out[2], loss=case.loss, turned=text((out[0], out[2], out[1]))),
            [
                on_answer(
                    case, "transpose", ".transpose(1, 2)", say("Classes to axis 1: {answer_name}.transpose(1, 2)", answer_name=answer_name(case)),
                    say("The loss reads (samples, classes, timesteps)."), "sure",
                )
            ],
            (out[0], out[1]),
        )  # fmt: skip
    if len(out) == 3 and whole and len(got) == 1:
        return _sequence_kept(case)
    if whole and len(got) == 2 and got[1] == 1 and len(out) == 2:
        return case.made(
            "target_shape",
            say("`{name}` {shape} has an axis of size 1; {loss} wants the class numbers as ({size},).", name=name, shape=text(got), loss=case.loss, size=got[0]),
            [on_target(case, OnTensor(Squeeze(-1)), say("Take out the axis of size 1: {name}.squeeze(-1)", name=name),
                        say("One class number for each sample."), "sure")],
            (got[0],),
        )  # fmt: skip
    if len(got) == 2 and len(out) == 2:
        return _one_hot(case, int(got[1] or 0), int(classes or 0), whole)
    if got == (out[0],) and len(out) == 2 and not whole:
        return case.made(
            "dtype",
            say("`{name}` {shape} is {kind}; {loss} wants class numbers as int64.", name=name, shape=text(got), kind=kind, loss=case.loss),
            [on_target(case, TensorCast("long"), say("Convert {array}: .{method}()", array=name, method="long"), say("Class numbers are whole numbers."),
                        "sure")],
        )  # fmt: skip
    if whole and kind not in ("int64", "uint8") and "type" in case.stack.message:
        return case.made(
            "dtype",
            say("`{name}` is {kind}; {loss} wants class numbers as int64.", name=name, kind=kind, loss=case.loss),
            [on_target(case, TensorCast("long"), say("Convert {array}: .{method}()", array=name, method="long"), say("Class numbers as PyTorch has them."),
                        "sure")],
        )  # fmt: skip
    if isinstance(case.stack.error, IndexError) and whole and case.target.numel() <= _VALUES:
        return _beyond(case, int(classes or 0))
    return None


def _one_hot(case: Compared, columns: int, classes: int, whole: bool) -> Diagnosis:
    name, got = case.operand().label, case.got
    index = on_target(
        case, OnTensor(ClassIndex()), say("Class numbers: {name}.argmax(dim=-1)", name=name),
        say("{loss} takes one class number for each sample.", loss=case.loss), "sure",
    )  # fmt: skip
    wider = wider_head(
        case,
        columns,
        say("One output for each of the {columns} classes.", columns=columns),
        "sure" if columns > classes else "likely",
    )
    if columns == classes:
        return case.made(
            "target_encoding",
            say(
                "`{name}` {shape} is one-hot; {loss} wants class numbers, ({size},).",
                name=name,
                shape=text(got),
                loss=case.loss,
                size=got[0],
            ),
            [index],
            (got[0],),
        )
    return case.made(
        "target_shape",
        say(
            "`{name}` {shape} has {columns} classes, the answer {answer} {classes}.",
            name=name,
            shape=text(got),
            columns=columns,
            answer=text(case.out),
            classes=classes,
        ),
        [*wider, replace(index, confidence="possible")] if columns > classes else [index, *wider],
        (got[0], classes),
    )


def _beyond(case: Compared, classes: int) -> Diagnosis | None:
    """A class number that there is no output for."""
    name = case.operand().label
    lowest, highest = int(case.target.min()), int(case.target.max())
    if lowest >= 0 and highest < classes:
        return None
    candidates = []
    if lowest == 1 and highest == classes:
        candidates.append(
            on_target(
                case, OnTensor(Shift(1)), say("Count the classes from 0: {name} - 1", name=name),
                say("The numbers run from 1 to {highest}; the loss counts from 0.", highest=highest), "sure",
            )
        )  # fmt: skip
    if lowest >= 0:
        candidates += wider_head(
            case,
            highest + 1,
            say("One output for each class, 0 included."),
            "possible" if candidates else "sure",
        )
    return case.made(
        "target_encoding",
        say(
            "`{name}` holds class numbers from {lowest} to {highest}; the answer {shape} has {classes}, 0 to {last}.",
            name=name,
            lowest=lowest,
            highest=highest,
            shape=text(case.out),
            classes=plural(classes, "class"),
            last=classes - 1,
        ),
        candidates,
    )


def _sequence_kept(case: Compared) -> Diagnosis:
    name, out = case.operand().label, case.out
    told = answer_name(case)
    return case.made(
        "sequence_kept",
        say("The answer {shape} is a whole sequence; `{name}` {target_shape} has one value for each sample.", shape=text(out), name=name, target_shape=text(case.got)),
        [
            on_answer(
                case, "select", "[:, -1]", say("Compare the last timestep: {told}[:, -1]", told=told),
                say("One answer for a whole sequence."), "likely",
            )
        ],
        case.got,
    )  # fmt: skip


def _counts(case: Compared) -> Diagnosis | None:
    out, got = case.out, case.got
    operand = case.operand()
    candidates: list[Candidate] = []
    if got[0] is not None and out[0] is not None and got[0] > out[0]:
        candidates.append(
            on_target(
                case, OnTensor(Slice(0, None, int(out[0]), kind="align", repeatable=True)),
                say("Use the first {size} of {array}", size=out[0], array=operand.label), say("Right when the surplus stands at the end."), "possible",
                caution=say("Check which samples have no partner."), siblings=False,
            )
        )  # fmt: skip
    elif got[0] is not None:
        candidates += _fewer_inputs(case, int(got[0]))
    return case.made(
        "sample_count",
        say(
            "There are {answers} answers and `{array}` {shape} has {targets} targets.",
            answers=out[0],
            array=operand.label,
            shape=text(got),
            targets=got[0],
        ),
        candidates,
        (out[0], *got[1:]),
    )


def _fewer_inputs(case: Compared, count: int) -> Iterator[Candidate]:
    """As many samples of the model's input as there are targets."""
    for module in modules_behind(case.answer_node, case.stack.place):
        fed = _input_of(case, module)
        shape = shape_of(fed)
        if shape and shape[0] == case.out[0]:
            operand = case.stack.operand("x", fed, _input_node(case, module))
            op = OnTensor(Slice(0, None, count, kind="align", repeatable=True))
            yield Candidate(
                "align", say("Use the first {count} samples of {array}", count=count, array=operand.label)[:60],
                say("Right when the surplus stands at the end."), "possible",
                say("Check which samples have no target: cut at the wrong end, every target belongs to another sample."),
                data=((operand, op),), target=operand.name, before=shape, after=op.shape(shape), siblings=False,
            )  # fmt: skip
            return


def _values(case: Compared) -> Diagnosis | None:
    """One number against one number: both sides must have the same shape and type."""
    out, got = case.out, case.got
    name, told = case.operand().label, answer_name(case)
    if "ype" in case.stack.message and out == got:
        wanted = dtype_of(case.answer)
        method = {"float32": "float", "float64": "double"}.get(wanted)
        if method is None:
            return None
        return case.made(
            "dtype",
            say("`{name}` is {dtype}; {loss} wants {wanted}, as the answer is.", name=name, dtype=dtype_of(case.target), loss=case.loss, wanted=wanted),
            [on_target(case, TensorCast(method), say("Convert {array}: .{method}()", array=name, method=method), say("Both sides of one type."), "sure")],
        )  # fmt: skip
    if out == got:
        return None
    if len(out) == 3 and (len(got) == 1 or (len(got) == 2 and got[1] == out[2])) and out[0] == got[0]:
        found = _sequence_kept(case)
        if len(got) == 1:
            last = on_answer(
                case, "select", "[:, -1, 0]", say("Compare the last timestep: {told}[:, -1, 0]", told=told),
                say("One answer for a whole sequence."), "likely",
            )  # fmt: skip
            found = replace(found, candidates=(last,))
        return found
    if got and out[0] != got[0]:
        return _counts(case)
    candidates: list[Candidate] = []
    if (*got, 1) == out:
        candidates = [
            on_target(case, OnTensor(Expand(-1)), say("Give {name} an axis: {name}.unsqueeze(-1)", name=name),
                       say("One column, as the answer has it."), "sure"),
            on_answer(case, "squeeze", ".squeeze(-1)", say("Take the answer's axis out: {told}.squeeze(-1)", told=told),
                       say("One number for each sample, as the target has it."), "likely"),
        ]  # fmt: skip
    elif got == (*out, 1):
        candidates = [
            on_target(case, OnTensor(Squeeze(-1)), say("Take the axis of size 1 out: {name}.squeeze(-1)", name=name),
                       say("One number for each sample, as the answer has it."), "sure")
        ]  # fmt: skip
    elif len(out) == 2 and len(got) == 2 and got[1]:
        candidates = wider_head(
            case,
            int(got[1]),
            say("One output for each of the {columns} columns of the target.", columns=got[1]),
            "sure",
        )
    return case.made(
        "target_shape",
        say(
            "`{name}` is {shape} and the answer {out_shape}; {loss} compares them one by one.",
            name=name,
            shape=text(got),
            out_shape=text(out),
            loss=case.loss,
        ),
        candidates,
        out,
    )
