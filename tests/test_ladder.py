"""The hint ladder: a good question for every cause, and nothing of a later step in any view."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

sys.path.insert(0, str(Path(__file__).parent / "views"))
sys.path.insert(0, str(Path(__file__).parent / "language"))
import view_samples as samples
from speaking import Shouting, small

from rnnmagic import language, policy
from rnnmagic.lab.messages import report_message
from rnnmagic.ladder import Classroom
from rnnmagic.ladder.facts import axis_hint, question, where
from rnnmagic.ladder.mask import last_step, masked
from rnnmagic.ladder.sayings import SAYINGS, WHERE
from rnnmagic.policy import Rules
from rnnmagic.report import (
    CAUSES,
    WARNING_CAUSES,
    ArrayInfo,
    Edit,
    ErrorInfo,
    Fix,
    FixError,
    FlowStep,
    LayerInfo,
    Notice,
    Report,
)
from rnnmagic.settings import RnnCheck
from rnnmagic.views import render_html, render_text
from rnnmagic.views.html import render_step_html
from rnnmagic.views.panel import _next_hint
from rnnmagic.views.parts import Look
from rnnmagic.views.text import render_step_text

FACTS = {
    "layer", "method", "wanted", "wanted_steps", "wanted_features", "samples", "expected", "received",
    "wanted_rank", "came_rank", "place", "came", "last", "came_last", "shortest", "longest", "dtype",
}  # fmt: skip
SUMMARY = "THE_SUMMARY of ARRAY_NAME"
CELL = "%%rnncheck\nmodel.fit(ARRAY_NAME, y)"
ARRAY = ArrayInfo("ARRAY_NAME", "ARRAY_NAME", "x", (40, 60), "float32", ("samples", "AXIS_WORD"), (3, 9))
LAYER = LayerInfo(
    "LAYER_NAME", "LSTM", "model", (None, 20, 3), (40, 60), ("samples", "timesteps", "features")
)
FIX = Fix(
    "fix-1", "reshape", "FIX_TITLE", "FIX_WHY", "ARRAY_NAME", "FIX_CODE",
    (Edit(1, "c", CELL, f"%%rnncheck\nFIX_CODE\n{CELL}"),), (40, 60), (40, 20, 3), True, "sure", "FIX_CAUTION",
    rebinds=("ARRAY_NAME",),
)  # fmt: skip


def error(cause: str) -> Report:
    """A report in which everything has a name that gives it away."""
    return Report(
        "shape_error",
        ErrorInfo("ValueError", "shapes", 2, "model.fit(ARRAY_NAME, y)", "call"),
        cause,
        SUMMARY,
        ARRAY,
        LAYER,
        (FlowStep("FLOW_NAME", "Dense", (40, 60), True), FlowStep("LAYER_NAME", "LSTM", None, False)),
        [FIX],
        advice=("THE_ADVICE",),
        told=(Notice(cause, "THE_SUMMARY", ARRAY, LAYER, 2, (FIX,)),),
        execution_count=1,
        cell_id="c",
    )


def silent(cause: str) -> Report:
    return Report(
        "clean",
        warnings=(Notice(cause, SUMMARY, ARRAY, LAYER, 2, (FIX,)),),
        execution_count=1,
        cell_id="c",
    )


EVERY = [(error, cause) for cause in CAUSES] + [(silent, cause) for cause in WARNING_CAUSES]
SECRETS = {
    "ARRAY_NAME": 3, "LAYER_NAME": 3, "FLOW_NAME": 3, "THE_SUMMARY": 4, "FIX_TITLE": 4, "FIX_WHY": 4,
    "FIX_CAUTION": 4, "FIX_CODE": 5, "THE_ADVICE": 5,
}  # fmt: skip
"""What gives something away, and from which step on it may be seen."""


def views(report: Report) -> dict[str, str]:
    """All that anybody gets of a report. The source of the cell is the student's own."""
    message = report_message("key", report, CELL, again=False)
    message.pop("source")
    return {
        "html": render_html(report),
        "text": render_text(report),
        "step html": render_step_html(report),
        "step text": render_step_text(report),
        "lab": json.dumps(message),
        "plain data": json.dumps(report.to_dict()),
        "repr": repr(report),
    }


def test_every_cause_has_its_own_question() -> None:
    assert set(SAYINGS) == {*CAUSES, *WARNING_CAUSES}
    endings = [saying.question[-1] for saying in SAYINGS.values()]
    assert len(set(endings)) == len(endings)
    for cause, saying in SAYINGS.items():
        assert "?" in saying.question[-1], cause
        for wordings in saying:
            names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in wordings]
            assert names[-1] == set(), f"{cause}: the last wording needs no fact"
            assert set().union(*names) <= FACTS
            for text in wordings:
                assert text[0].isupper() or text.startswith(("{", "`"))
                assert text.endswith((".", "?", ")"))


@pytest.mark.parametrize("cause", SAYINGS)
def test_hints_name_nothing_and_say_something_without_any_fact(cause: str) -> None:
    full = error(cause)
    bare = Notice(cause, "")
    for about in (
        full,
        bare,
        replace(full, layer=None),
        replace(full, array=None),
        replace(full, error=None),
    ):
        for text in (question(about), axis_hint(about), where(about)):
            assert len(text) > 20
            assert not re.search(r"[{}]|None", text)
    assert "NAME" not in question(full) + axis_hint(full)


@pytest.mark.parametrize(("make", "cause"), EVERY)
def test_nothing_of_a_later_step_is_in_any_view(make, cause) -> None:  # type: ignore[no-untyped-def]
    whole = make(cause)
    for step in range(1, 6):
        seen = masked(whole, step, Rules(), asked=True)
        for view, text in views(seen).items():
            for secret, first in SECRETS.items():
                assert first <= step or secret not in text, f"{secret} at step {step} in the {view}"
        assert seen.to_dict()["hints"] == {"step": step, "of": 5, "highest": 5}
        text = render_text(seen)
        about = seen.warnings[0] if make is silent else whole
        # What was seen stays: the first words of each hint so far are there.
        for hint in (question(whole if make is error else whole.warnings[0]),)[:step]:
            assert hint[:30] in " ".join(text.split()), about
    final = views(masked(whole, 5, Rules(), asked=True))
    for secret in SECRETS.keys() - (
        {"FLOW_NAME", "THE_ADVICE", "FIX_CAUTION", "FIX_WHY"} if make is silent else set()
    ):
        assert secret in final["text"] + final["lab"], secret


def test_without_hints_and_policy_nothing_is_made_anew() -> None:
    room = Classroom(Rules(), lambda before, after: None)
    for make in samples.ALL.values():
        report = make()
        assert room.view(report, RnnCheck()) is report
        assert report.to_dict()["hints"] is None


def test_what_is_no_shape_mistake_is_no_lesson() -> None:
    for name in ("clean", "other_error", "trouble"):
        report = samples.ALL[name]()
        assert masked(report, 1, Rules(hints=True), asked=True).lesson is None, name


def test_a_ladder_is_climbed_once_by_each_view_and_ends() -> None:
    changes: list[tuple[Report, Report]] = []
    room = Classroom(Rules(), lambda before, after: changes.append((before, after)))
    first = room.view(samples.flattened(), RnnCheck(hints=True))
    report = first
    for step in range(2, 6):
        report = room.climb(report)
        assert report.lesson is not None
        assert report.lesson.step == step
    assert [after.lesson.step for _, after in changes if after.lesson] == [2, 3, 4, 5]
    assert [before for before, _ in changes[1:]] == [after for _, after in changes[:-1]]
    with pytest.raises(FixError, match="All hints"):
        room.climb(report)
    with pytest.raises(FixError, match="no longer there"):
        room.climb(first)
    with pytest.raises(FixError, match="not shown step by step"):
        room.climb(samples.flattened())


def test_the_last_step_is_the_last_that_has_something() -> None:
    whole = error("other")
    assert last_step(whole) == 5
    assert last_step(replace(whole, fixes=[])) == 4
    end = masked(replace(whole, fixes=[], advice=()), 3, Rules(), asked=True)
    assert not end.more_hints
    assert end.refuses is None
    with pytest.raises(FixError, match="offers no fix"):
        end.fix(1)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_before_the_last_step_no_fix_is_carried_out(step: int) -> None:
    namespace = {"X_train": object(), "X_val": object()}
    before = dict(namespace)
    seen = masked(samples.flattened(samples.NamespaceRepairer(namespace)), step, Rules(), asked=True)
    for act in (lambda: seen.apply(1), lambda: seen.adjust(1, timesteps=10)):
        with pytest.raises(FixError, match=f"at hint {step}"):
            act()
    assert namespace == before


def test_apply_is_off_by_policy_and_the_code_can_be_read() -> None:
    rules = Rules(allow_apply=False, sources=("RNNMAGIC_POLICY",))
    for asked in (False, True):
        seen = masked(error("flattened"), 5, rules, asked=asked)
        assert "FIX_CODE" in render_html(seen)
        assert [fix["edits"] for fix in seen.to_dict()["fixes"]] == [[]]
        assert not re.search(r'"edits": true', views(seen)["lab"])
        with pytest.raises(FixError, match="policy: RNNMAGIC_POLICY"):
            seen.apply("fix-1")


@pytest.mark.parametrize("highest", [1, 2, 3, 4])
@pytest.mark.parametrize("hints", [False, True])
def test_a_policy_ends_the_ladder(highest: int, hints: bool) -> None:
    rules = Rules(highest, True, hints, ("the configuration",))
    room = Classroom(rules, lambda before, after: None)
    report = room.view(error("flattened"), RnnCheck())
    while report.more_hints:
        report = room.climb(report)
    assert report.lesson is not None
    assert report.lesson.step == highest
    assert "policy: the configuration" in render_text(report)
    for text in views(report).values():
        assert not [secret for secret, first in SECRETS.items() if first > highest and secret in text]
    with pytest.raises(FixError, match="policy: the configuration"):
        room.climb(report)


def test_rules_that_come_late_hold_for_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnmagic.policy._set_from_outside", None)
    changes: list[Report] = []
    room = Classroom(Rules(), lambda before, after: changes.append(after))
    assert room.view(error("flattened"), RnnCheck()).lesson is None
    room.tighten(Rules(2, False, True, ("the notebook's metadata",)))
    (after,) = changes
    assert after.lesson is not None
    assert (after.lesson.step, after.fixes) == (1, [])
    room.tighten(Rules())
    assert len(changes) == 1


@pytest.fixture
def shouting() -> Iterator[None]:
    """A catalogue in capitals: what is small has been said past the catalogues."""
    language.use(Shouting())
    yield
    language.use(None)


NAMES = "rnnmagic rnnfix fit " + CELL
"""Words that are no English of ours: the cell's, and names."""


@pytest.mark.parametrize(("make", "cause"), EVERY)
@pytest.mark.usefixtures("shouting")
def test_no_hint_of_any_cause_is_left_in_english(make, cause) -> None:  # type: ignore[no-untyped-def]
    whole = make(cause)
    room = Classroom(Rules(), lambda before, after: None)
    told: dict[str, str] = {}
    for step in range(1, 6):
        seen = masked(whole, step, Rules(), asked=True, climber=room)
        pages = re.sub(r"<style>.*?</style>", "", render_html(seen) + render_step_html(seen), flags=re.S)
        told |= {
            f"html {step}": html.unescape(re.sub(r"<[^>]+>", " \n ", pages)),
            f"text {step}": render_text(seen, 2000) + render_step_text(seen, 2000),
            f"lab {step}": report_message("key", seen, CELL, again=False)["announcement"],
            f"refused {step}": seen.refuses or "",
        }
        button = _next_hint(seen, Look())
        assert (button is None) is (step == 5)
        told[f"button {step}"] = "" if button is None else f"{button.description} {button.tooltip}"
    for about in (whole, Notice(cause, "")):
        told[f"hints of {about!r:.6}"] = f"{question(about)} {axis_hint(about)} {where(about)}"
    told = {key: text.replace(SUMMARY, "") for key, text in told.items()}
    assert {key: words for key, text in told.items() if (words := small(text, NAMES))} == {}


def _every_wording() -> list[str]:
    return [*(text for saying in SAYINGS.values() for wordings in saying for text in wordings), *WHERE]


def test_every_wording_of_the_hints_is_translated_with_its_facts() -> None:
    language.choose("es")
    try:
        for text in _every_wording():
            facts = {name: f"<{name}>" for _, name, _, _ in Formatter().parse(text) if name}
            told = language.say(text, **facts)
            assert told != text.format(**facts), text
            assert all(fact in told for fact in facts.values()), text
    finally:
        language.choose("auto")


@pytest.mark.usefixtures("shouting")
def test_a_policy_says_nothing_in_english() -> None:
    metadata = {"rnnmagic": {"highest_step": 9, "allow_apply": [], "hints": "perhaps"}}
    rules = policy.strictest([policy.from_metadata(metadata), policy.from_text("no apply please")])
    assert len(rules.warnings) == 4
    ended = masked(error("flattened"), 2, Rules(2, False, True, (policy.METADATA,)), asked=True)
    told = [policy.describe(Rules()), policy.describe(rules), *rules.warnings, ended.refuses or ""]
    told.append(ended.lesson.end if ended.lesson else "")
    assert all(told)
    names = f"{' '.join(policy.NAMES)} 'no' 'perhaps'"
    assert not [(text, words) for text in told if (words := small(text, names))]
