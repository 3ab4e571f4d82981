"""What a recurrent layer is fed with: flat tables, missing axes, axes in another order."""

from __future__ import annotations

from dataclasses import replace

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, kinds, shape_of
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Chain, Op, Transpose
from rnnmagic.ops.tensors import OnTensor, for_tensor
from rnnmagic.report import Shape

TIME_MAJOR = Transpose((1, 0, 2))


def judge(stack: Stack) -> Diagnosis | None:
    """An input of the wrong rank, or with another number of features than the layer was made for."""
    layer, value = stack.module, stack.given(0, "input")
    got = shape_of(value)
    size = getattr(layer, "input_size", None)
    if got is None or not isinstance(size, int):
        return None
    operand = stack.operand("x", value, stack.node(0, "input"))
    if "RNNCellBase" in kinds(layer):
        return _of_cell(stack, operand, got, size)
    first = bool(getattr(layer, "batch_first", False))
    info = stack.info((None, None, size), got)
    if len(got) == 3 and got[-1] != size:
        turned = _turned(stack, operand, got, size, first)
        if turned is not None:
            return turned
        return _width(stack, operand, got, size)
    if len(got) in (1, 2, 4, 5):
        case = inputs.Situation(
            operand, got, (None, None, size), "__call__", stack.evidence.namespace, targets=None
        )
        finding = inputs.judge(case)
        candidates = tuple(_as_tensor(finding.candidates, stack, first))
        return Diagnosis(
            finding.cause, finding.sentence, "call", operand, info, candidates=candidates,
            advice=finding.advice, axes=finding.axes,
        )  # fmt: skip
    return None


def _as_tensor(candidates: tuple[Candidate, ...], stack: Stack, first: bool) -> list[Candidate]:
    """The candidates with a tensor's own operations; time first where the layer wants it so."""
    found: list[Candidate] = []
    for candidate in candidates:
        data: list[tuple[Operand, Op]] = []
        for operand, op in candidate.data:
            made = for_tensor(op)
            if made is None:
                break
            data.append((operand, made))
        else:
            whole = candidate.after
            if first or not data or whole is None or len(whole) != 3:
                found.append(replace(candidate, data=tuple(data)))
                continue
            # The layer reads (time, samples, features): said in the layer, or done to the data.
            found.append(
                replace(
                    candidate,
                    kind=candidate.kind,
                    title=_short(f"{candidate.title}; batch_first=True"),
                    data=tuple(data),
                    source=with_argument(stack.module, stack.outer, stack.evidence, "batch_first", "True"),
                    caution=candidate.caution,
                )
            )
            (operand, op), rest = data[0], data[1:]
            found.append(
                replace(
                    candidate,
                    title=_short(say("{title}, time first", title=candidate.title)),
                    why=say(
                        "The layer was made without batch_first=True: it reads (timesteps, samples, features)."
                    ),
                    data=((operand, Chain((op, OnTensor(TIME_MAJOR)), candidate.kind)), *rest),
                    after=(whole[1], whole[0], whole[2]),
                    confidence="possible",
                    vary=None,
                    parameters=None,
                )
            )
    return found


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:57].rstrip() + "…"


def _turned(stack: Stack, operand: Operand, got: Shape, size: int, first: bool) -> Diagnosis | None:
    """The features are there, on another axis."""
    if size not in got[:2]:
        return None
    axis = 1 if got[1] == size else 0
    other = 2 if axis == 1 else 1
    # (samples, features, timesteps) is how pictures and signals come.
    axes = ("samples", "features", "timesteps") if axis == 1 else ("features", "samples", "timesteps")
    order = [0, other, axis] if axis == 1 else [1, 2, 0]
    if not first:
        order = [order[1], order[0], order[2]]
    op = Transpose(tuple(order))
    after = op.shape(got)
    wanted = "(samples, timesteps, features)" if first else "(timesteps, samples, features)"
    candidates = [
        Candidate(
            "transpose",
            say("Transpose {array} to {shape}", array=_name(operand), shape=text(after)),
            say("The sizes are right but in another order; a transpose keeps every sample whole."),
            "likely",
            data=((operand, OnTensor(op)),),
            target=operand.name,
            before=got,
            after=after,
        )
    ]
    if not first:
        both = Transpose((0, 2, 1)) if axis == 1 else Transpose((1, 2, 0))
        candidates.insert(
            0,
            Candidate(
                "transpose",
                _short(say("Transpose {array}; batch_first=True", array=_name(operand))),
                say(
                    "With batch_first=True the layer reads (samples, timesteps, features), as most data come."
                ),
                "likely",
                data=((operand, OnTensor(both)),),
                source=with_argument(stack.module, stack.outer, stack.evidence, "batch_first", "True"),
                target=operand.name,
                before=got,
                after=both.shape(got),
            ),
        )
    candidates.append(_other_size(stack, int(got[2] or 0)))
    return Diagnosis(
        "axis_order",
        say(
            "`{array}` {shape} has its {size} features on axis {axis}; {stack} wants {wanted}, here {after_shape}.",
            array=operand.label,
            shape=text(got),
            size=size,
            axis=axis,
            stack=_called(stack),
            wanted=wanted,
            after_shape=text(after),
        ),
        "call",
        operand,
        stack.info((None, None, size), got),
        candidates=tuple(candidates),
        axes=axes,
    )


def _called(stack: Stack) -> str:
    info = stack.info()
    return say("the {cls} `{info_name}`", cls=info.cls, info_name=info.name)


def _name(operand: Operand) -> str:
    return operand.label if len(operand.label) <= 20 else (operand.name or say("the input"))[:20]


def _other_size(stack: Stack, size: int) -> Candidate:
    return Candidate(
        "layer_argument",
        f"{type(stack.module).__name__}(input_size={size})",
        say("If the data is right: {features} at each timestep.", features=plural(size, "feature")),
        "likely",
        source=with_argument(stack.module, stack.outer, stack.evidence, "input_size", size),
        target=stack.info().name,
    )


def _width(stack: Stack, operand: Operand, got: Shape, size: int) -> Diagnosis:
    """Three axes, and another number of features."""
    width = int(got[-1] or 0)
    candidates = [replace(_other_size(stack, width), confidence="sure")]
    if width > size:
        case = inputs.Situation(
            operand, got, (None, None, size), "__call__", stack.evidence.namespace, trained=True
        )
        kept = [c for c in inputs.judge(case).candidates if c.data]
        for candidate in kept:
            data = [(o, for_tensor(op)) for o, op in candidate.data]
            candidates.append(
                replace(
                    candidate,
                    data=tuple((o, op) for o, op in data if op is not None),
                    confidence="possible",
                )
            )
    return Diagnosis(
        "features",
        say(
            "`{array}` {shape} has {features} at each timestep; {stack} was made with input_size={size}.",
            array=operand.label,
            shape=text(got),
            features=plural(width, "feature"),
            stack=_called(stack),
            size=size,
        ),
        "call",
        operand,
        stack.info((None, None, size), got),
        candidates=tuple(candidates),
    )


def _of_cell(stack: Stack, operand: Operand, got: Shape, size: int) -> Diagnosis | None:
    """A cell makes one step: (samples, features)."""
    info = stack.info((None, size), got)
    if len(got) == 3:
        return Diagnosis(
            "rank",
            say("`{array}` {shape} is a whole sequence; a {kind} makes one step and wants (samples, {size}). Call it once for each timestep, or use {type_kind}, which loops by itself.", array=operand.label, shape=text(got), kind=type(stack.module).__name__, size=size, type_kind=type(stack.module).__name__.removesuffix('Cell')),
            "call", operand, info,
            candidates=(),
            advice=("for t in range(x.size(1)): h, c = cell(x[:, t], (h, c))",),
        )  # fmt: skip
    if got and got[-1] != size:
        candidate = _other_size(stack, int(got[-1] or 0))
        return Diagnosis(
            "features",
            say("`{array}` {shape} has {features}; {stack} was made with input_size={size}.", array=operand.label, shape=text(got), features=plural(got[-1], 'feature'), stack=_called(stack), size=size),
            "call", operand, info, candidates=(replace(candidate, confidence="sure"),),
        )  # fmt: skip
    return None


def of_convolution(stack: Stack) -> Diagnosis | None:
    """(samples, timesteps, features) before a Conv1d, which wants the channels second."""
    value = stack.given(0, "input")
    got, channels = shape_of(value), getattr(stack.module, "in_channels", None)
    if got is None or len(got) != 3 or got[1] == channels or not isinstance(channels, int):
        return None
    operand = stack.operand("x", value, stack.node(0, "input"))
    candidates: list[Candidate] = []
    turned = got[2] == channels
    if turned:
        candidates.append(
            Candidate(
                "transpose",
                _short(
                    say(
                        "Transpose {array} to {shape}",
                        array=_name(operand),
                        shape=text((got[0], got[2], got[1])),
                    )
                ),
                say("A convolution reads (samples, channels, timesteps)."),
                "sure",
                data=((operand, OnTensor(Transpose((0, 2, 1)))),),
                target=operand.name,
                before=got,
                after=(got[0], got[2], got[1]),
            )
        )
    candidates.append(
        Candidate(
            "layer_argument",
            f"{type(stack.module).__name__}(in_channels={got[1]})",
            say("If the data is right."),
            "possible" if turned else "likely",
            source=with_argument(stack.module, stack.outer, stack.evidence, "in_channels", int(got[1] or 0)),
            target=stack.info().name,
        )
    )
    return Diagnosis(
        "axis_order" if turned else "features",
        say(
            "`{array}` is {shape}; {stack} wants (samples, {channels} channels, timesteps).",
            array=operand.label,
            shape=text(got),
            stack=_called(stack),
            channels=channels,
        ),
        "call",
        operand,
        stack.info((None, channels, None), got),
        candidates=tuple(candidates),
        axes=("samples", "timesteps", "features") if turned else None,
    )
