"""The text view: pinned word for word by golden files, and safe to print.

Rewrite the golden files with `RNNMAGIC_REWRITE_GOLDEN=1 pytest tests/views`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import view_samples as samples

from rnnmagic.report import ArrayInfo, FlowStep, Report
from rnnmagic.views.text import render_text
from rnnmagic.views.wording import code_lines, flow_lines, length_bars, lengths_sentence, one_line, visible

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("name", samples.ALL)
def test_golden(name: str) -> None:
    text = render_text(samples.ALL[name]()) + "\n"
    path = GOLDEN / f"report_{name}.txt"
    if os.environ.get("RNNMAGIC_REWRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["clean", "other_error"])
def test_nothing_to_say_takes_one_line(name: str) -> None:
    assert render_text(samples.ALL[name]()).count("\n") == 0


@pytest.mark.parametrize("width", [56, 70, 88])
def test_width_holds_except_in_code(width: int) -> None:
    report = samples.flattened()
    code = {line for fix in report.fixes for line in fix.code.splitlines()}
    for line in render_text(report, width).splitlines():
        assert len(line) <= width or line.strip() in code


def test_the_fixes_shown_are_limited_and_counted() -> None:
    text = render_text(samples.flattened(), max_fixes=1)
    assert "1. Reshape" in text
    assert "2. " not in text
    assert "2 more ways to repair it" in text


def test_code_is_never_wrapped_and_keeps_its_indentation() -> None:
    report = samples.stacked()
    code = "for batch in batches:\n    model.train_on_batch(" + ", ".join(["a_long_name"] * 12) + ")"
    report.fixes[0] = replace(report.fixes[0], code=code)
    lines = render_text(report, 60).splitlines()
    first = next(place for place, line in enumerate(lines) if "for batch" in line)
    indent = len(lines[first]) - len(lines[first].lstrip())
    assert [line[indent:] for line in lines[first : first + 2]] == code.splitlines()


def test_control_and_bidi_characters_become_visible() -> None:
    hostile = "a\x1b[31mb\u202ec\u2066d\x00e\rf\u2028g\u200bh\ud800i"
    shown = visible(hostile)
    assert shown == r"a\x1b[31mb\u202ec\u2066d\x00e\x0df\u2028g\u200bh\ud800i"
    report = replace(samples.stacked(), summary=hostile)
    text = render_text(report)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert r"\u202e" in text


def test_letters_of_every_script_stay() -> None:
    for text in ("größe", "длина", "长度", "طول", "مـی‌خواهم", "👩‍🔬"):
        assert visible(text) == text


def test_long_text_is_limited() -> None:
    report = samples.flattened()
    huge = "x" * 1_000_000
    report = replace(
        report, summary=huge, advice=(huge,) * 50, flow=(FlowStep(huge, huge, (1,), True),) * 500
    )
    assert len(render_text(report)) < 20_000
    assert one_line(huge, 50) == "x" * 49 + "…"


def test_long_code_says_what_is_left_out() -> None:
    lines = code_lines("\n".join(f"line_{n}" for n in range(100)), limit=40)
    assert lines[39:] == ["line_39", "# … 60 more lines"]


def test_a_long_flow_keeps_its_ends() -> None:
    steps = [FlowStep(f"dense_{n}", "Dense", (1, n), True) for n in range(99)]
    lines = flow_lines([*steps, FlowStep("lstm", "LSTM", None, False)])
    assert len(lines) == 12
    assert lines[0].layer == "dense_0"
    assert lines[-1].remark == "fails here"
    assert next(line.remark for line in lines if not line.layer) == "… 89 more layers"


@pytest.mark.parametrize(
    "lengths", [(3,), (1, 1, 1), (0, 5), tuple(range(100)), (1, 10**9), (7, 7, 8), (2, 3, 4)]
)
def test_length_bars_count_every_sequence_once(lengths: tuple[int, ...]) -> None:
    bars = length_bars(lengths)
    assert sum(bar.count for bar in bars) == len(lengths)
    assert len(bars) <= 8
    assert max(bar.share for bar in bars) == 1
    assert str(min(lengths)) == bars[0].label.split("–")[0]
    assert str(max(lengths)) == bars[-1].label.split("–")[-1]


def test_a_sample_of_lengths_is_called_one() -> None:
    array = ArrayInfo("s", "s", "x", (1_000, None), "int64", lengths=(1, 2, 3, 4))
    assert "4 sequences (a sample of 1,000): shortest 1, median 2.5, longest 4" in lengths_sentence(array)


def test_an_empty_shape_error_is_said_honestly() -> None:
    assert "could not tell why" in " ".join(render_text(Report(outcome="shape_error")).split())
