"""`rnnmagic.expect`: a teacher's test that a model and its data fit, with a message that teaches.

The model is not run: it goes through the same dry run on shapes as every diagnosis, so that weights,
optimizer, random state and `built` flags stay as they were, and the cost does not grow with the data.
Works in any Python: a notebook cell, nbgrader's hidden tests, an Otter test, pytest.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from rnnmagic import frameworks
from rnnmagic.caller import Caller, caller_of
from rnnmagic.diagnosis.base import text, together
from rnnmagic.language import say
from rnnmagic.report import ArrayInfo, ErrorInfo, Report, Shape
from rnnmagic.trouble import one_line
from rnnmagic.values import as_shape, describe
from rnnmagic.views import expectations as texts

if TYPE_CHECKING:
    from rnnmagic.diagnosis import Diagnosis
    from rnnmagic.evidence import Evidence
    from rnnmagic.frameworks.base import Trial

Reveal = Literal["all", "question"]
Sizes = Sequence[int | None]

_ARGUMENTS = ("model", "X", "y")


class ExpectationError(AssertionError):
    """What a model, or its data, is expected to be and is not.

    Attributes
    ----------
    report
        What was found, as `rnnmagic.last_report()` gives it after a checked cell; without fixes.
    """

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


def expect(
    model: Any,
    X: Any = None,  # noqa: N803 - as every notebook calls it
    y: Any = None,
    *,
    input: Sizes | None = None,  # noqa: A002 - as Keras calls it
    output: Sizes | Sequence[Any] | Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    hint: str | None = None,
    reveal: Reveal = "all",
) -> None:
    """Assert that a model and its data fit, on shapes alone; nothing is trained, nothing is changed.

    With `X` the model has to take it; with `y` as well its loss and metrics have to take the answer and
    `y`, as `model.fit(X, y)` would meet them. That a loss stretches one over the other without an error
    (a target of one number against an answer for every timestep) is found, too.

    Parameters
    ----------
    model
        A model of Keras 3 or tf_keras, built or not; `None` to look at `X` alone.
    X, y
        What `fit` takes: an array, a list or dict of arrays for several inputs, a table, a
        `tf.data.Dataset` of both as `X`. Lists are read for their lengths, arrays for nothing.
    input, output
        Shapes that `X` and the model's answer must have, samples first; `None` for any size. For several
        outputs a list or dict of shapes, as the model answers. Without `X`, `output` is that of the model
        as it was declared.
    batch_size
        As given to `fit`, for a stateful model.
    hint
        The teacher's own sentence, put at the end of the message.
    reveal
        What a student reads: `"all"` names the variable, the layer and the shapes expected and
        received; `"question"` asks only the question to ask oneself (and gives the hint).

    Raises
    ------
    ExpectationError
        They do not fit. It is an `AssertionError`, with the report in its `report`.
    NotImplementedError
        A dry run cannot tell (a plain PyTorch module, data from a generator). It is no student's mistake.
    TypeError, ValueError
        An option that is none.

    Examples
    --------
    >>> rnnmagic.expect(model, X_train, y_train, output=(None, 1))
    >>> rnnmagic.expect(None, X_train, input=(None, 20, 3), hint="Each patient has 20 visits.")
    >>> rnnmagic.expect(model, X_train[:, :, 0])  # of a model that takes (samples, 20, 3)
    Traceback (most recent call last):
        ...
    rnnmagic.expectation.ExpectationError: ...
    """
    __tracebackhide__ = True
    if reveal not in get_args(Reveal):
        raise ValueError(f"reveal is 'all' or 'question', not {reveal!r}")
    wanted = None if input is None else _sizes(input, "input")
    named = caller_of(sys._getframe(1), _ARGUMENTS)
    try:
        _check(_Asked(named, X, y, hint, reveal), model, wanted, output, batch_size)
    except ExpectationError as error:
        cause = error.__cause__
        problem = error
    else:
        return
    finally:
        del named
    # Raised anew: the student sees the test's line and this sentence, not our ways.
    raise problem.with_traceback(None) from cause


@dataclass(frozen=True)
class _Asked:
    named: Caller
    x: Any
    y: Any
    hint: str | None
    reveal: Reveal

    def fails(self, question: str, report: Report, cause: BaseException | None = None) -> None:
        """Raise it."""
        from rnnmagic.views.text import render_text

        if self.reveal == "all":
            message = render_text(report).removeprefix("rnnmagic: ")
        else:
            y = "y" if self.y is None else self.named.of("y", self.y)
            message = say(texts.QUESTIONS[question], x=self.named.of("X", self.x), y=y)
        if self.hint:
            message += f"\n\n{self.hint}"
        raise ExpectationError(message, report) from cause

    def array(self, argument: str) -> ArrayInfo:
        value = self.x if argument == "X" else self.y
        described = describe(value)
        name = self.named.of(argument, value)
        return ArrayInfo(name, name, argument.lower(), described.shape, described.dtype)


def _check(asked: _Asked, model: Any, wanted: Shape | None, output: Any, batch_size: int | None) -> None:
    if wanted is not None:
        _check_input(asked, wanted)
    if model is None and wanted is not None and output is None and asked.y is None:
        return
    if not frameworks.is_model(model):
        asked.fails(
            "model",
            Report(
                "shape_error", cause="other", summary=texts.no_model(asked.named.of("model", model), model)
            ),
        )
    if asked.x is None:
        if output is not None:
            _check_output(asked, model, _declared(model), output)
        return
    trial = _tried(model, "predict", {"x": asked.x, "batch_size": batch_size})
    if not trial.ok:
        _refused(asked, model, "predict", trial)
    if output is not None:
        _check_output(asked, model, trial.outputs, output)
    if asked.y is None and describe(asked.x).carrier != "dataset":
        return
    if not _is_compiled(model):
        if asked.y is None:
            return
        name = asked.named.of("model", model)
        summary = say(
            "`{name}` has no loss yet: compile it, so that its answer can be compared with `{target}`.",
            name=name,
            target=asked.named.of("y", asked.y),
        )
        asked.fails("loss", Report("shape_error", cause="other", summary=summary))
    arguments = {"x": asked.x, "y": asked.y, "batch_size": batch_size}
    trial = _tried(model, "fit", arguments)
    if not trial.known:  # training may be what cannot be told
        trial = _tried(model, "evaluate", arguments)
    if not trial.ok:
        _refused(asked, model, "fit", trial)


def _check_input(asked: _Asked, wanted: Shape) -> None:
    described = describe(asked.x)
    got = described.shape
    if got is not None and described.carrier not in ("ragged", "ragged_tensor") and _fits(got, wanted):
        return
    name = asked.named.of("X", asked.x)
    if got is None:
        summary = texts.no_shape(name, asked.x, wanted)
    elif described.lengths is not None:
        summary = say(
            "The sequences in `{name}` have different lengths; an array of shape {shape} is expected.",
            name=name,
            shape=text(wanted),
        )
    else:
        summary = f"{texts.other_shape(name, got, wanted)} {texts.differences_between(got, wanted)}"
    asked.fails("data", Report("shape_error", cause="rank", summary=summary, array=asked.array("X")))


def _check_output(asked: _Asked, model: Any, found: Any, wanted: Any) -> None:
    name = asked.named.of("model", model)
    if found is None:
        raise NotImplementedError(f"what {name} answers is not known before it has seen data: pass X")
    pairs = list(_paired(found, wanted))
    if all(got is not None and want is not None and _fits(got, want) for _, got, want in pairs):
        return
    told = together(
        texts.answer(output, got, want)
        for output, got, want in pairs
        if got is None or want is None or not _fits(got, want)
    )
    summary = say("`{name}` answers {told}.", name=name, told=told)
    extra = [len(got) - len(want) for _, got, want in pairs if got is not None and want is not None]
    if 1 in extra:
        why = say(
            "It answers for every timestep, or has an axis too many: which layer still gives a sequence (return_sequences=True)?"
        )
        summary = f"{summary} {why}"
    elif -1 in extra:
        why = say(
            "It answers once for each sample: an answer for every timestep needs return_sequences=True in the last recurrent layer."
        )
        summary = f"{summary} {why}"
    asked.fails("output", Report("shape_error", cause="target_shape", summary=summary))


def _paired(found: Any, wanted: Any) -> list[tuple[str | None, Shape | None, Shape | None]]:
    """Each output, with the shape that it should have; `None` where one is missing, or of a single output."""
    if isinstance(found, tuple) and not isinstance(wanted, Mapping) and not _is_nest(wanted):
        return [(None, found, _sizes(wanted, "output"))]
    gots = (
        found
        if isinstance(found, Mapping)
        else dict(enumerate([found] if isinstance(found, tuple) else found))
    )
    wants = (
        wanted if isinstance(wanted, Mapping) else dict(enumerate(wanted if _is_nest(wanted) else [wanted]))
    )
    if isinstance(gots, Mapping) and isinstance(wanted, Sequence) and len(gots) == len(wants):
        wants = dict(zip(gots, wants.values(), strict=True))
    keys = [*gots, *(key for key in wants if key not in gots)]
    return [
        (repr(key), gots.get(key), _sizes(wants[key], "output") if key in wants else None) for key in keys
    ]


def _is_nest(wanted: Any) -> bool:
    return (
        isinstance(wanted, (list, tuple))
        and bool(wanted)
        and all(isinstance(one, (list, tuple)) for one in wanted)
    )


def _sizes(given: Any, option: str) -> Shape:
    if isinstance(given, (list, tuple)) and all(
        size is None or (isinstance(size, int) and not isinstance(size, bool) and size >= 0) for size in given
    ):
        return tuple(given)
    raise TypeError(f"{option} is a shape such as (None, 20, 3), not {given!r}")


def _fits(got: Shape, wanted: Shape) -> bool:
    return len(got) == len(wanted) and all(
        want is None or size == want for size, want in zip(got, wanted, strict=True)
    )


# The model


def _declared(model: Any) -> Any:
    """Shapes of the outputs as declared, `None` where the model has seen no input yet."""
    try:
        tensors = model.outputs
    except Exception:
        tensors = None
    shapes = [as_shape(tensor.shape) for tensor in tensors or ()]
    if not shapes or None in shapes:
        return None
    return shapes[0] if len(shapes) == 1 else shapes


def _is_compiled(model: Any) -> bool:
    from rnnmagic.frameworks.keraslike import engine_of

    return engine_of(model).is_compiled(model)


def _tried(model: Any, method: str, arguments: dict[str, Any]) -> Trial:
    from rnnmagic.frameworks.keraslike.looks import quietly

    framework = frameworks.of(model)
    assert framework is not None
    given = {name: value for name, value in arguments.items() if value is not None}
    with quietly():  # nbgrader takes the points of a test that writes to stderr
        return framework.try_call(model, method, given, open_sandbox=True)


def _refused(asked: _Asked, model: Any, method: str, trial: Trial) -> None:
    if not trial.known:
        raise NotImplementedError(f"rnnmagic.expect cannot try this on shapes: {trial.reason}")
    evidence = _evidence(asked, model, method, trial)
    diagnosis = _diagnosed(evidence, trial)
    in_loss = trial.outcome is not None and (trial.outcome.phase in ("loss", "metric") or trial.error is None)
    in_loss = in_loss or (trial.unfit is not None and trial.unfit.role == "y")
    question = "loss" if in_loss else "call"
    if diagnosis is None:
        name = asked.named.of("model", model)
        call = f"{name}.fit" if method == "fit" else name
        told = say("`{call}` fails on `{array}`", call=call, array=asked.named.of("X", asked.x))
        reason = one_line(told, trial.error or ValueError(trial.reason))
        asked.fails(question, Report("shape_error", cause="other", summary=reason), trial.error)
        return
    from rnnmagic.examine import array_at_fault

    report = Report(
        "shape_error",
        error=ErrorInfo(type(trial.error).__name__, trial.reason, None, None, diagnosis.phase),
        cause=diagnosis.cause,
        summary=diagnosis.summary,
        array=array_at_fault(diagnosis),
        layer=diagnosis.layer,
        flow=diagnosis.flow,
    )
    asked.fails(question, report)


def _diagnosed(evidence: Evidence, trial: Trial) -> Diagnosis | None:
    from rnnmagic.diagnosis.dispatch import of_trial
    from rnnmagic.editor import Editor

    try:
        return of_trial(evidence, trial, Editor(evidence), second=True)
    except Exception:
        return None  # the framework's own words will have to do


def _evidence(asked: _Asked, model: Any, method: str, trial: Trial) -> Evidence:
    """As if the test had called the model itself."""
    from rnnmagic.cells import Cell, CellLog, Run
    from rnnmagic.evidence import Evidence, operands_of
    from rnnmagic.source import Place

    named = asked.named
    cell = Cell(None, None, named.source, named.source, named.frame.f_code.co_filename)
    error = ValueError(trial.reason)
    run = Run(cell, CellLog([cell]), named.variables(), error, 0.0)
    nodes = {name.lower(): node for name, node in named.nodes.items()}
    place = Place(cell, None, named.line, None)
    arguments = {name: value for name, value in (("x", asked.x), ("y", asked.y)) if value is not None}
    operands = tuple(operands_of(method, arguments, nodes, place, [], run.namespace))
    model_name = named.of("model", model)
    return Evidence(run, [], None, None, None, method, model, model_name, arguments, operands)
