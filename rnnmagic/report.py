"""The report: the one plain-data object that the diagnosis hands to every view.

Views never look at exceptions, frames or models; they read a `Report`. `Report.to_dict` gives
plain JSON types with the field names that tools may rely on.

Shapes are tuples of `int`, with `None` for any size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from rnnmagic.samples import SamplePair

from rnnmagic.language import say, several

SCHEMA = 1
HINT_STEPS = 5
"""Of the hints: the question, which axis, which variable and layer, the fix's idea, its code."""

Shape = tuple["int | None", ...]
Outcome = Literal["clean", "shape_error", "other_error"]
Confidence = Literal["sure", "likely", "possible"]

CAUSES = (
    "flattened",
    "feature_axis_missing",
    "batch_axis_missing",
    "unwindowed",
    "axis_order",
    "features",
    "timesteps",
    "ragged",
    "rank",
    "dtype",
    "sequence_collapsed",
    "sequence_kept",
    "input_declaration",
    "target_shape",
    "target_encoding",
    "sample_count",
    "batch_remainder",
    "state_size",
    "merge",
    "input_count",
    "weights",
    "custom_op",
    "other",
)
WARNING_CAUSES = (
    "broadcast_loss",
    "timesteps_unchecked",
    "mask_lost",
    "pad_unmasked",
    "scrambled",
    "time_major",
)
KINDS = (
    "reshape",
    "expand",
    "squeeze",
    "transpose",
    "window",
    "pad",
    "truncate",
    "select",
    "batch",
    "one_hot",
    "class_index",
    "trim",
    "align",
    "cast",
    "reorder",
    "loss",
    "layer_argument",
    "input_shape",
    "wrap",
    "mask",
    "other",
)


def _plain(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else list(shape)


@dataclass(frozen=True)
class ErrorInfo:
    """The user's error. `line` is 1-based in the cell as typed, the magic line being 1."""

    type: str
    message: str
    line: int | None = None
    statement: str | None = None
    phase: str | None = None  # data, build, call, loss, metric, run

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "message": self.message,
            "line": self.line,
            "statement": self.statement,
            "phase": self.phase,
        }


@dataclass(frozen=True)
class ArrayInfo:
    """The variable at fault: `name` as in the kernel, `expression` as passed."""

    name: str | None
    expression: str | None
    role: str | None  # x, y, validation_x, validation_y, sample_weight, state, inputs
    shape: Shape | None
    dtype: str | None
    axes: tuple[str, ...] | None = None
    lengths: tuple[int, ...] | None = None
    """For ragged data: a sorted sample of the sequences' lengths, in timesteps."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "expression": self.expression,
            "role": self.role,
            "shape": _plain(self.shape),
            "dtype": self.dtype,
            "axes": None if self.axes is None else list(self.axes),
            "lengths": None if self.lengths is None else list(self.lengths),
        }


@dataclass(frozen=True)
class LayerInfo:
    """The layer that rejects the array, with the shapes it wants and gets."""

    name: str
    cls: str
    model: str | None = None
    expected: Shape | None = None
    received: Shape | None = None
    expected_axes: tuple[str, ...] | None = None
    received_axes: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "class": self.cls,
            "model": self.model,
            "expected": _plain(self.expected),
            "received": _plain(self.received),
            "expected_axes": None if self.expected_axes is None else list(self.expected_axes),
            "received_axes": None if self.received_axes is None else list(self.received_axes),
        }


@dataclass(frozen=True)
class FlowStep:
    """One layer of the model as the data went: its output shape, and whether it took its input."""

    name: str
    cls: str
    output: Shape | None
    ok: bool

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "class": self.cls, "output": _plain(self.output), "ok": self.ok}


@dataclass(frozen=True)
class Edit:
    """One cell whose source changes. `old` is the cell exactly as typed, `new` takes its place."""

    execution_count: int | None
    cell_id: str | None
    old: str
    new: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "execution_count": self.execution_count,
            "cell_id": self.cell_id,
            "old": self.old,
            "new": self.new,
        }


@dataclass(frozen=True)
class Parameter:
    """Something of a fix that the panel lets the user change, among `choices`."""

    label: str
    value: Any
    choices: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"label": self.label, "value": self.value, "choices": list(self.choices)}


@dataclass(frozen=True)
class Fix:
    """One repair. `verified` is a promise: the repaired call was dry-run and passed."""

    id: str
    kind: str
    title: str
    why: str
    target: str | None
    code: str
    edits: tuple[Edit, ...]
    before: Shape | None
    after: Shape | None
    verified: bool
    confidence: Confidence
    caution: str | None = None
    parameters: Mapping[str, Parameter] | None = None
    rebinds: tuple[str, ...] = ()
    """Kernel variables that `Report.apply` rebinds; empty when the fix only changes code."""
    sample: SamplePair | None = field(default=None, repr=False, compare=False)
    """One sample before and after, to be drawn; not in `to_dict`, being no part of the contract."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "why": self.why,
            "target": self.target,
            "code": self.code,
            "edits": [edit.to_dict() for edit in self.edits],
            "before": _plain(self.before),
            "after": _plain(self.after),
            "verified": self.verified,
            "confidence": self.confidence,
            "caution": self.caution,
            "parameters": None
            if self.parameters is None
            else {name: parameter.to_dict() for name, parameter in self.parameters.items()},
            "rebinds": list(self.rebinds),
        }


@dataclass(frozen=True)
class Notice:
    """A silent shape mistake: nothing was raised."""

    cause: str
    summary: str
    array: ArrayInfo | None = None
    layer: LayerInfo | None = None
    line: int | None = None
    fixes: tuple[Fix, ...] = ()
    hints: tuple[str, ...] = ()
    """What the hints have said of it so far, when the report is shown step by step."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "cause": self.cause,
            "summary": self.summary,
            "array": None if self.array is None else self.array.to_dict(),
            "layer": None if self.layer is None else self.layer.to_dict(),
            "line": self.line,
            "fixes": [fix.to_dict() for fix in self.fixes],
        }


@dataclass(frozen=True)
class Lesson:
    """How far a report is shown, when not all of it is.

    `step` is the highest of the `HINT_STEPS` that has been shown, `highest` the highest that may be.
    """

    step: int
    highest: int = HINT_STEPS
    more: bool = False
    """Whether a further step is there and may be shown."""
    said: tuple[str, ...] = ()
    """The question and the axis, as far as they have been shown."""
    asked: bool = True
    """Whether hints are on. Without them, a policy alone has the report end at `step`."""
    end: str = ""
    """Why the hints end before the last step; empty when they do not."""

    def to_dict(self) -> dict[str, int]:
        return {"step": self.step, "of": HINT_STEPS, "highest": self.highest}


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    cell: float = 0.0
    diagnose: float = 0.0
    verify: float = 0.0

    def to_dict(self) -> dict[str, float]:
        return {
            "cell": round(self.cell, 6),
            "diagnose": round(self.diagnose, 6),
            "verify": round(self.verify, 6),
        }


@dataclass(frozen=True)
class Applied:
    """What `Report.apply` did: the variables it rebound, and what the user should do next."""

    fix: Fix
    rebound: tuple[str, ...]
    message: str


class Repairer(Protocol):
    """What a report needs of the kernel to carry out a fix. Any thread may call it."""

    def apply(self, fix: Fix) -> Applied: ...

    def undo(self) -> tuple[str, ...]: ...

    def adjust(self, fix: Fix, values: Mapping[str, Any]) -> Fix: ...


WriteNews = Literal["edited", "refused", "undone"]
Told = Callable[[WriteNews, str], None]
"""Hears what became of a fix that a front end was asked to write, with a sentence or the names."""


def nobody(news: WriteNews, message: str) -> None:
    """A `Told` for a fix about which the front end itself tells its user."""


class Writer(Protocol):
    """A front end that can edit the notebook's cells. Any thread may call it."""

    def reaches(self) -> bool: ...

    def write(self, report: Report, fix: Fix, told: Told, *, seen: bool) -> None: ...

    def take_back(self, told: Told) -> None: ...


class Climber(Protocol):
    """What a report that is shown step by step asks for its next step. Any thread may call it."""

    def climb(self, report: Report) -> Report: ...


class FixError(ValueError):
    """A fix that does not exist, or cannot be applied to what the kernel holds now."""


@dataclass
class Report:
    """What rnnmagic found in one checked cell.

    `rnnmagic.last_report()` gives the latest.
    """

    outcome: Outcome
    error: ErrorInfo | None = None
    cause: str | None = None
    summary: str | None = None
    array: ArrayInfo | None = None
    layer: LayerInfo | None = None
    flow: tuple[FlowStep, ...] = ()
    fixes: list[Fix] = field(default_factory=list)
    warnings: tuple[Notice, ...] = ()
    timing: Timing = field(default_factory=Timing)
    advice: tuple[str, ...] = ()
    """Sentences beside the summary: what is known, what is not, what would settle it."""
    told: tuple[Notice, ...] = ()
    """What was said before a training began: the failures to come."""
    ahead: str | None = None
    """Set on a report that is shown before a training begins: what will fail, and when."""
    trouble: str | None = None
    """One line when rnnmagic itself could not finish; the user's error stands."""
    execution_count: int | None = None
    cell_id: str | None = None
    lesson: Lesson | None = None
    """Set when the report is shown step by step, or up to a step that a policy sets."""
    refuses: str | None = None
    """Why no fix of it may be carried out or inserted now; a sentence for the user."""
    repairer: Repairer | None = field(default=None, repr=False, compare=False)
    writer: Writer | None = field(default=None, repr=False, compare=False)
    climber: Climber | None = field(default=None, repr=False, compare=False)

    @property
    def offered(self) -> list[Fix]:
        """All fixes, in the order in which `%rnnfix` counts them: of the error, then of the notices."""
        return [*self.fixes, *(fix for notice in self.warnings for fix in notice.fixes)]

    @property
    def more_hints(self) -> bool:
        """Whether the user can ask for a next hint."""
        return self.lesson is not None and self.lesson.more and self.climber is not None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON types: the data contract for tools."""
        return {
            "schema": SCHEMA,
            "outcome": self.outcome,
            "error": None if self.error is None else self.error.to_dict(),
            "cause": self.cause,
            "summary": self.summary,
            "array": None if self.array is None else self.array.to_dict(),
            "layer": None if self.layer is None else self.layer.to_dict(),
            "flow": [step.to_dict() for step in self.flow],
            "fixes": [fix.to_dict() for fix in self.fixes],
            "warnings": [notice.to_dict() for notice in self.warnings],
            "told": [notice.to_dict() for notice in self.told],
            "timing": self.timing.to_dict(),
            "advice": list(self.advice),
            "trouble": self.trouble,
            "hints": None if self.lesson is None or not self.lesson.asked else self.lesson.to_dict(),
            "execution_count": self.execution_count,
            "cell_id": self.cell_id,
        }

    def fix(self, fix_id: str | int) -> Fix:
        """The fix with this id, or the n-th, counted from 1.

        Raises
        ------
        FixError
            There is no such fix.
        """
        offered = self.offered
        if isinstance(fix_id, int):
            if 1 <= fix_id <= len(offered):
                return offered[fix_id - 1]
        else:
            for fix in offered:
                if fix.id == fix_id:
                    return fix
        if not offered:
            raise FixError(self.refuses or say("This report offers no fix."))
        count = len(offered)
        raise FixError(
            several(
                "There is no fix {fix_id}: this report offers one fix, number 1.",
                "There is no fix {fix_id}: this report offers {count} fixes, numbers 1 to {count}.",
                count,
                fix_id=fix_id,
            )
        )

    def apply(self, fix_id: str | int) -> Applied:
        """Carry out a fix in the kernel: rebind its variables, never change an array in place.

        Raises
        ------
        FixError
            No such fix, a variable has changed since the report was made, or fixes are not to be
            carried out at this step of the hints, or by the policy in force.
        """
        self.check_allowed()
        fix = self.fix(fix_id)
        if not any(fix is own for own in self.fixes):
            raise FixError(
                say(
                    "A notice's fix is not carried out in the kernel: %rnnfix puts its source into a new cell."
                )
            )
        return self._needs_repairer().apply(fix)

    def undo(self) -> tuple[str, ...]:
        """Take back the latest `apply`; the names of the variables that were restored.

        Raises
        ------
        FixError
            Nothing was applied.
        """
        return self._needs_repairer().undo()

    def adjust(self, fix_id: str | int, **values: Any) -> Fix:
        """The fix with other parameters; it takes the old one's place in `fixes`.

        Raises
        ------
        FixError
            No such fix or parameter, or a value that is not among its choices.
        """
        self.check_allowed()
        old = self.fix(fix_id)
        new = self._needs_repairer().adjust(old, values)
        self.fixes[self.fixes.index(old)] = new
        return new

    def check_allowed(self) -> None:
        """Raise `FixError` when no fix may be carried out or inserted now."""
        if self.refuses:
            raise FixError(self.refuses)

    def _needs_repairer(self) -> Repairer:
        if self.repairer is None:
            raise FixError(say("This report is not connected to a kernel."))
        return self.repairer
