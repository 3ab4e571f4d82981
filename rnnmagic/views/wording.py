"""What every view says: the words, the order and the limits, without any markup.

A view only decides how this looks. Everything taken from the kernel is untrusted: `visible` turns
characters that could hide or rearrange text into their escapes, and every text has a limit, so that
a layer named by a megabyte of text does not become a megabyte of notebook.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rnnmagic.axes import axis_word
from rnnmagic.language import later, say, several
from rnnmagic.report import HINT_STEPS, ArrayInfo, Fix, FlowStep, LayerInfo, Notice, Report, Shape
from rnnmagic.values import notation

NAME_LIMIT = 60
LINE_LIMIT = 240
SENTENCE_LIMIT = 700
CODE_LINES = 40
SOURCE_LINES = 400
FLOW_STEPS = 12

OK_MARK = "✓"
FAIL_MARK = "✗"
ARROW = "→"
DIFFERS_MARK = "≠"

Tone = Literal["problem", "notice", "calm", "neutral"]

# Joiners are letters' helpers in several scripts and emoji; they cannot reorder or erase text.
_HARMLESS_FORMAT = frozenset("\u200c\u200d")
_HIDING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_ROLES = {
    "x": later("the data"),
    "y": later("the target"),
    "validation_x": later("the validation data"),
    "validation_y": later("the validation target"),
    "sample_weight": later("the sample weights"),
    "state": later("the initial state"),
    "inputs": later("the inputs"),
}

_PHASES = {
    "data": later("while the data were made"),
    "build": later("while the model was built"),
    "call": later("while the data went through the model"),
    "loss": later("while the loss was computed"),
    "metric": later("while a metric was computed"),
}


def visible(text: str) -> str:
    """The text with control, bidirectional and invisible characters as escapes; newline and tab stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\t" or character in _HARMLESS_FORMAT:
        return character
    if unicodedata.category(character) not in _HIDING:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str | None, limit: int = LINE_LIMIT) -> str:
    """The text on one line, at most `limit` characters of it."""
    # Cut before the work as well: what is far beyond the limit is never looked at.
    words = " ".join(visible((text or "")[: limit * 8]).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def name(text: str | None) -> str:
    """A name from the kernel, short enough for the middle of a line."""
    return one_line(text, NAME_LIMIT)


def sentence(text: str | None) -> str:
    return one_line(text, SENTENCE_LIMIT)


def code_lines(text: str, limit: int = CODE_LINES) -> list[str]:
    """Source, line by line, indentation kept; a last line says how much was left out."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    shown = [_code_line(line) for line in lines[:limit]]
    if len(lines) > limit:
        shown.append(f"# … {count(len(lines) - limit, 'more line')}")
    return shown


def _code_line(line: str) -> str:
    text = visible(line[: LINE_LIMIT * 4].rstrip())
    return text if len(line) <= LINE_LIMIT * 4 else text + " …"


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it is one; a noun of these, or `KeyError`."""
    return _COUNTED[noun](number, f"{number:,}")


_COUNTED: dict[str, Callable[[int, str], str]] = {
    "cell": lambda n, told: several("{number} cell", "{number} cells", n, number=told),
    "fix": lambda n, told: several("{number} fix", "{number} fixes", n, number=told),
    "more layer": lambda n, told: several("{number} more layer", "{number} more layers", n, number=told),
    "more line": lambda n, told: several("{number} more line", "{number} more lines", n, number=told),
    "mistake": lambda n, told: several("{number} mistake", "{number} mistakes", n, number=told),
    "more": lambda n, told: several("{number} more", "{number} more", n, number=told),
    "notebook": lambda n, told: several("{number} notebook", "{number} notebooks", n, number=told),
    "number": lambda n, told: several("{number} number", "{number} numbers", n, number=told),
    "saved mistake": lambda n, told: several(
        "{number} saved mistake", "{number} saved mistakes", n, number=told
    ),
    "silent mistake": lambda n, told: several(
        "{number} silent mistake", "{number} silent mistakes", n, number=told
    ),
    "student": lambda n, told: several("{number} student", "{number} students", n, number=told),
    "timestep": lambda n, told: several("{number} timestep", "{number} timesteps", n, number=told),
    "sequence": lambda n, told: several("{number} sequence", "{number} sequences", n, number=told),
}


def axis(text: str) -> str:
    """What an axis is called in the language in use."""
    return name(axis_word(text))


def axes_text(axes: Sequence[str] | None) -> str:
    return ", ".join(axis(one) for one in axes[:12]) if axes else ""


WHERE, IDEA = 3, 4
"""Steps of the hints: which variable and layer, the idea of the fix."""
STEP_NAMES = (
    later("the question to ask yourself"),
    later("which axis"),
    later("which variable and layer"),
    later("the idea of the fix"),
    later("its code"),
)


def step_name(number: int) -> str:
    """What a step of the hints tells; counted from 1."""
    return say(STEP_NAMES[number - 1])


def hint_place(report: Report) -> str:
    """`hint 2 of 5`, when the report is shown step by step."""
    if report.lesson is None or not report.lesson.asked:
        return ""
    return say("hint {step} of {steps}", step=report.lesson.step, steps=HINT_STEPS)


def hints_said(report: Report) -> list[str]:
    """What the steps shown so far say, as far as they are one sentence each."""
    if report.lesson is None or not report.lesson.asked:
        return []
    said = [sentence(text) for text in report.lesson.said]
    if report.lesson.step > len(said) > 0:
        said.append(headline(report))
    return said


def earlier_hints(notice: Notice) -> list[str]:
    """What the hints have said of a notice before what its summary says now."""
    return [text for text in notice.hints if text != notice.summary]


def hints_end(report: Report) -> str:
    """What there is to say of the hints still to come."""
    lesson = report.lesson
    if report.refuses and (lesson is None or (lesson.step >= HINT_STEPS and lesson.end == "")):
        return report.refuses
    if lesson is None:
        return ""
    if lesson.more:
        return say("%rnncheck hint shows the next: {step}.", step=step_name(lesson.step + 1))
    return lesson.end


def fixes_title(report: Report) -> str:
    """What stands above the fixes: at the fourth hint there is no code yet."""
    return (
        say("How it could be repaired")
        if report.lesson and report.lesson.step < HINT_STEPS
        else say("How to repair it")
    )


def headline(report: Report) -> str:
    """The one sentence that stands first."""
    error = report.error
    if _only_trouble(report):
        return sentence(report.trouble)
    if report.outcome == "clean":
        found = len(report.warnings)
        if found:
            return several(
                "The cell ran, but {count} silent shape mistake may hide in it.",
                "The cell ran, but {count} silent shape mistakes may hide in it.",
                found,
            )
        if report.advice:
            return say("The cell ran; there is something to know about it.")
        return say("The cell ran; no shape mistake was found.")
    if report.outcome == "other_error":
        kind = name(error.type) if error else ""
        if kind:
            return say("The cell failed with {error}, which is not a shape mistake.", error=kind)
        return say("The cell failed with an error, which is not a shape mistake.")
    if report.summary:
        return sentence(f"{report.ahead or ''} {report.summary}")
    return say("The shapes of the data and the model do not fit, and rnnmagic could not tell why.")


def tone(report: Report) -> Tone:
    if report.ahead:
        return "notice"
    if report.outcome == "shape_error":
        return "problem"
    if report.warnings or (report.outcome == "clean" and report.advice):
        return "notice"
    return "calm" if report.outcome == "clean" else "neutral"


def trouble(report: Report) -> str | None:
    """One line when rnnmagic itself could not finish, beside what it did find."""
    return None if not report.trouble or _only_trouble(report) else sentence(report.trouble)


def _only_trouble(report: Report) -> bool:
    """Whether there is nothing to say but that rnnmagic broke: what the cell's error is has not been seen."""
    found = report.outcome == "shape_error" or report.warnings or report.advice
    return bool(report.trouble) and not found


def place(report: Report) -> tuple[str, str] | None:
    """Where it happened: `("line 5", "model.fit(X, y)")`, either part possibly empty."""
    error = report.error
    if error is None or (error.line is None and not error.statement):
        return None
    line = "" if error.line is None else say("line {line}", line=error.line)
    return line, one_line(error.statement)


def phase(report: Report) -> str:
    """When it happened, in words; empty when that says nothing."""
    if report.ahead:
        return ""
    told = _PHASES.get((report.error.phase or "") if report.error else "")
    return say(told) if told else ""


_LABELS = {"expected": later("expected"), "received": later("received"), "variable": later("variable")}


@dataclass(frozen=True)
class ShapeRow:
    """One line of "expected against received": who, which shape, its axes, a word about it."""

    label: str
    subject: str
    shape: Shape | None
    dtype: str | None = None
    axes: tuple[str, ...] | None = None
    remark: str = ""

    @property
    def word(self) -> str:
        """The label in the language in use."""
        return say(_LABELS[self.label]) if self.label in _LABELS else self.label

    @property
    def notation(self) -> str:
        if self.shape is None and self.dtype is None:
            return ""
        return notation(self.shape, name(self.dtype) if self.dtype else None)

    @property
    def has_names(self) -> bool:
        """Whether each axis can be shown with its name under it."""
        return bool(self.axes) and self.shape is not None and len(self.axes or ()) == len(self.shape)


def shape_rows(array: ArrayInfo | None, layer: LayerInfo | None) -> list[ShapeRow]:
    """What the layer expects, what it received, and the variable where that is another thing."""
    rows: list[ShapeRow] = []
    if layer is not None and layer.expected is not None:
        rows.append(
            ShapeRow(
                "expected",
                say("by {layer}", layer=name(layer.name)),
                layer.expected,
                axes=layer.expected_axes,
            )
        )
    received = None if layer is None else layer.received
    variable = None if array is None else _variable(array)
    if received is not None and layer is not None:
        same = (
            array is not None
            and array.shape is not None
            and len(array.shape) == len(received)
            and all(a == b or b is None for a, b in zip(array.shape, received, strict=True))
            and array.role in (None, "x", "inputs", "validation_x")
        )
        if same and array is not None:
            axes = array.axes or layer.received_axes
            rows.append(ShapeRow("received", _subject(array), array.shape, array.dtype, axes, _role(array)))
            return rows
        rows.append(ShapeRow("received", "", received, axes=layer.received_axes))
    if variable is not None:
        rows.append(variable)
    return rows


def _variable(array: ArrayInfo) -> ShapeRow | None:
    if array.shape is None and array.dtype is None:
        return None
    return ShapeRow("variable", _subject(array), array.shape, array.dtype, array.axes, _role(array))


def _subject(array: ArrayInfo) -> str:
    return name(array.expression or array.name)


def _role(array: ArrayInfo) -> str:
    told = _ROLES.get(array.role or "")
    return say(told) if told else ""


def rank_remark(rows: Sequence[ShapeRow]) -> str:
    """`3 axes are expected, 2 came`, when the number of axes is what differs."""
    shapes = {row.label: row.shape for row in rows if row.shape is not None}
    expected, received = shapes.get("expected"), shapes.get("received")
    if expected is None or received is None or len(expected) == len(received):
        return ""
    wanted, came = len(expected), len(received)
    return several(
        "{count} axis is expected, {came} came", "{count} axes are expected, {came} came", wanted, came=came
    )


def differing_axes(expected: ShapeRow | None, came: ShapeRow | None) -> dict[str, frozenset[int]]:
    """The axes that differ, by the row's label: by size, or by name where their numbers differ.

    Nothing where that cannot be told.
    """
    if expected is None or came is None or expected.shape is None or came.shape is None:
        return {}
    if len(expected.shape) == len(came.shape):
        pairs = enumerate(zip(expected.shape, came.shape, strict=True))
        odd = frozenset(axis for axis, (a, b) in pairs if a is not None and b is not None and a != b)
        return {expected.label: odd, came.label: odd}
    if not (expected.has_names and came.has_names):
        return {}
    found = {}
    for row, other in ((expected, came), (came, expected)):
        names, known = row.axes or (), frozenset(other.axes or ())
        found[row.label] = frozenset(
            axis for axis, text in enumerate(names) if text != "?" and text not in known
        )
    return found


@dataclass(frozen=True)
class FlowLine:
    """One layer of the flow, or (`layer` empty) a gap of several."""

    ok: bool
    layer: str
    cls: str
    output: str
    remark: str = ""


def flow_lines(flow: Sequence[FlowStep], limit: int = FLOW_STEPS) -> list[FlowLine]:
    """The flow, its middle left out when it is long; the failing layer is always there."""
    lines = [
        FlowLine(
            step.ok,
            name(step.name),
            name(step.cls),
            notation(step.output) if step.output is not None else "",
            "" if step.ok else say("fails here"),
        )
        for step in flow
    ]
    if len(lines) <= limit:
        return lines
    head = limit // 3
    tail = limit - head - 1
    gap = FlowLine(True, "", "", "", f"… {count(len(lines) - head - tail, 'more layer')}")
    return [*lines[:head], gap, *lines[-tail:]]


_CONFIDENCES = {"sure": later("sure"), "likely": later("likely"), "possible": later("possible")}


def badge(fix: Fix) -> str:
    """How far a fix can be trusted, in words."""
    tried = OK_MARK + " " + say("verified") if fix.verified else say("not tried")
    sure = say(_CONFIDENCES[fix.confidence]) if fix.confidence in _CONFIDENCES else name(fix.confidence)
    return f"{tried}, {sure}"


def change(fix: Fix) -> str:
    """`[100,60] → [100,20,3]`; empty when a side is unknown."""
    if fix.before is None or fix.after is None:
        return ""
    return f"{notation(fix.before)} {ARROW} {notation(fix.after)}"


def numbered(report: Report) -> list[tuple[Notice, int]]:
    """The notices, each with the number that `%rnnfix` has for its first fix."""
    first, found = len(report.fixes) + 1, []
    for notice in report.warnings:
        found.append((notice, first))
        first += len(notice.fixes)
    return found


def notice_place(notice: Notice) -> str:
    return "" if notice.line is None else say("line {line}", line=notice.line)


@dataclass(frozen=True)
class Bar:
    """One class of lengths: `3-5`, and how many sequences are in it."""

    label: str
    count: int
    share: float
    """Of the fullest class, 0 to 1."""


def length_bars(lengths: Sequence[int], most: int = 8) -> list[Bar]:
    """The distribution of sequence lengths (timesteps), in at most `most` classes of equal width."""
    if not lengths:
        return []
    low, high = min(lengths), max(lengths)
    width = -(-(high - low + 1) // most)
    counts = [0] * (-(-(high - low + 1) // width))
    for length in lengths:
        counts[(length - low) // width] += 1
    fullest = max(counts)
    bars = []
    for place_, number in enumerate(counts):
        first = low + place_ * width
        last = min(first + width - 1, high)
        label = str(first) if first == last else f"{first}–{last}"
        bars.append(Bar(label, number, number / fullest))
    return bars


def lengths_sentence(array: ArrayInfo) -> str:
    """`Lengths of 3 sequences: shortest 2, median 3, longest 4 timesteps`."""
    lengths = sorted(array.lengths or ())
    middle = len(lengths) // 2
    median = lengths[middle] if len(lengths) % 2 else (lengths[middle - 1] + lengths[middle]) / 2
    whole = array.shape[0] if array.shape else None
    told = {
        "sequences": count(len(lengths), "sequence"),
        "shortest": lengths[0],
        "median": f"{median:g}",
        "longest": lengths[-1],
    }
    if whole is not None and whole > len(lengths):
        return say(
            "Lengths of {sequences} (a sample of {whole}): shortest {shortest}, median {median}, longest {longest} timesteps",
            whole=f"{whole:,}",
            **told,
        )
    return say(
        "Lengths of {sequences}: shortest {shortest}, median {median}, longest {longest} timesteps", **told
    )


def how_to_go_on(report: Report) -> str:
    """What a user without buttons types next."""
    if report.ahead and (not report.fixes or report.refuses):
        return say("The cell goes on. Interrupt it to repair this first.")
    offered = report.offered
    if not offered or report.refuses:
        return ""
    which = "%rnnfix 1" if len(offered) == 1 else say("%rnnfix 1 (or another number)")
    if report.ahead:
        return say(
            "The cell goes on. Interrupt it to repair this first: {command} puts the repaired code into a new cell.",
            command=which,
        )
    return say("{command} puts the repaired code into a new cell.", command=which)


def hidden_fixes(report: Report, shown: int) -> str:
    more = len(report.fixes) - shown
    if more <= 0:
        return ""
    return several(
        "{number} more way to repair it not shown (%config RnnCheck.max_fixes).",
        "{number} more ways to repair it not shown (%config RnnCheck.max_fixes).",
        more,
        number=f"{more:,}",
    )


def shown_fixes(report: Report, limit: int | None) -> list[Fix]:
    return list(report.fixes) if limit is None else list(report.fixes[: max(0, limit)])
