"""Values and texts that are out for mischief: in the kernel, as arguments, in every view."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "views"))

import view_page
import view_samples as samples
from ipywidgets import HTML

from rnnmagic import shapes
from rnnmagic.lab.messages import report_message
from rnnmagic.quiet import silence
from rnnmagic.settings import RnnCheck
from rnnmagic.trouble import TEXT_AT_MOST, bare_report, one_line, safe_text
from rnnmagic.values import MAX_RANK, MAX_SIZE, Described, describe, has_array_metadata, is_from, module_of
from rnnmagic.views import stored
from rnnmagic.views.html import render_html, render_step_html
from rnnmagic.views.panel import Panel
from rnnmagic.views.text import render_step_text, render_text

QUICK = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip

# Objects


def well_described(found: Any) -> None:
    """Plain data, whatever it was made of."""
    assert type(found) is Described
    if found.shape is not None:
        assert type(found.shape) is tuple
        assert len(found.shape) <= MAX_RANK
        assert all(size is None or (type(size) is int and 0 <= size < MAX_SIZE) for size in found.shape)
    assert found.dtype is None or (type(found.dtype) is str and len(found.dtype) <= 40)
    assert found.lengths is None or all(type(length) is int for length in found.lengths)


@st.composite
def trapped(draw: st.DrawFn) -> tuple[str, str]:
    """The source of a class of traps, and the expression that makes one."""
    base = draw(st.sampled_from(traps.BASES))
    methods = draw(
        st.dictionaries(
            st.sampled_from(traps.ASKED), st.sampled_from(list(traps.DOES.values())), min_size=1, max_size=5
        )
    )
    if base == "np.ndarray":
        methods.pop("__del__", None)
    metaclass = base != "np.ndarray" and draw(st.booleans())
    if metaclass:
        methods = {
            asked: does for asked, does in methods.items() if asked not in ("__getattribute__", "__hash__")
        }
    return traps.source("Trap", methods, base, metaclass=metaclass), traps.made("Trap", base)


def make(source: str, expression: str) -> Any:
    names: dict[str, Any] = {"np": np, "__name__": "__main__"}
    exec(source, names)
    return eval(expression, names)


@pytest.mark.filterwarnings("ignore")
@QUICK
@given(trapped())
def test_a_trap_is_described_and_says_nothing(trap: tuple[str, str]) -> None:
    value = make(*trap)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        with silence():
            well_described(describe(value))
            has_array_metadata(value)
            module_of(value)
            is_from(value, "pandas", "DataFrame")
            well_described(describe([value, value]))
            well_described(describe({"a": value}))
            table = shapes.survey({"trap": value, "X": np.zeros((4, 3))})
        named = shapes.survey({"X": np.zeros((4, 3))}, ["X"])
    assert [row.name for row in table.rows if row.name == "X"] == ["X"]
    assert named.rows[0].notation == "f64[4,3]"
    assert "PRINTED" not in out.getvalue()
    view_page_of_shapes(table)
    gone(value)


def gone(value: Any) -> None:
    """A `__del__` that raises is heard here, and not in another test."""
    with contextlib.redirect_stderr(io.StringIO()):
        del value


def view_page_of_shapes(table: Any) -> None:
    html = shapes.as_html(table)
    page = view_page.Page(html)
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code", "p"}
    assert_visible(html)
    assert_visible(shapes.as_text(table))


@pytest.mark.parametrize("asked", ["shape", "dtype", "__getattr__", "__class__", "__len__", "__iter__"])
def test_an_object_that_loops_takes_a_moment(asked: str) -> None:
    begun = time.process_time()
    loops = make(traps.source("Trap", {asked: traps.LOOPS}), "Trap()")
    table = shapes.survey({"loops": loops, "X": np.zeros((4, 3))})
    assert time.process_time() - begun < 5
    assert [row.name for row in table.rows] == ["X"]
    assert shapes.survey({"loops": loops}, ["loops"]).rows[0].name == "loops"


def test_containers_that_hold_themselves_and_long_ones() -> None:
    cycle: list[Any] = [[1, 2], [3, 4]]
    cycle.append(cycle)
    table: dict[str, Any] = {}
    table["table"] = table
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    begun = time.process_time()
    for value in (
        cycle,
        [cycle],
        table,
        [table],
        deep,
        (deep,),
        [deep, deep],
        list(range(10**6)),
        [[1]] * 10**6,
    ):
        well_described(describe(value))
    rows = shapes.survey(
        {"cycle": cycle, "table": table, "deep": deep, "many": [0.0] * 10**6, "x" * 10**5: np.zeros(3)}
    )
    assert time.process_time() - begun < 10
    view_page_of_shapes(rows)
    assert max(map(len, shapes.as_text(rows).splitlines())) < 400
    while deep:
        deep = deep[0]


# Errors

ERRORS = {
    "raises": "raise RuntimeError('no text')",
    "leaves": "raise SystemExit",
    "gives a number": "return 5",
    "gives 10 MB": "return 'x' * 10**7",
    "gives a str of its own": "return Text('x' * 10**7)",
    "loops": traps.LOOPS,
}


@pytest.mark.parametrize("body", ERRORS.values(), ids=list(ERRORS))
def test_errors_that_cannot_say_what_they_are(body: str) -> None:
    error = make(
        "class Text(str):\n"
        "    def __str__(self): return self\n"
        "    def __len__(self): raise RuntimeError\n"
        "    def split(self, *a): raise RuntimeError\n"
        "    def __getitem__(self, i): raise RuntimeError\n"
        "class Meta(type):\n"
        "    __name__ = property(lambda self: 1 / 0)\n"
        f"class Odd(Exception, metaclass=Meta):\n    def __str__(self): {body}\n",
        "Odd()",
    )
    text = safe_text(error)
    assert type(text) is str
    assert len(text) <= TEXT_AT_MOST
    report = bare_report(error)
    assert report.error is not None
    assert report.error.type == "Odd"
    line = one_line("rnnmagic stopped", error)
    assert line.startswith("rnnmagic stopped (Odd")
    assert len(line) < 250
    check_every_view(report)


# Texts

NASTY = st.text(
    st.one_of(
        st.sampled_from(
            "<>&\"'`*_[](){}#|\\$\n\t\r\x00\x1b\x07\x7f\x85\u202e\u2066\u2069\u200b\u200e\u2028\ufeff"
        ),
        st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Lu", "Lo", "So"]),
    ),
    max_size=30,
)
PHRASES = st.sampled_from(
    [
        *view_page.PAYLOADS,
        "[click](javascript:alert(1))",
        "![x](http://evil/x.png)",
        "# Title\n\n**bold**",
        "a" * 10**5,
    ]
)
TEXTS = st.one_of(NASTY, PHRASES, st.tuples(NASTY, PHRASES).map("".join))
HIDING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def assert_visible(text: str) -> None:
    """Nothing in it hides, turns or erases what stands beside it."""
    import unicodedata

    raw = {
        character
        for character in set(text)
        if unicodedata.category(character) in HIDING and character not in "\n\t\u200c\u200d"
    }
    assert not raw, f"{raw!r} came through: {text[:300]!r}"


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for held in value.values() for text in texts_in(held)]
    return [text for held in value for text in texts_in(held)] if isinstance(value, (list, tuple)) else []


def check_every_view(report: Any) -> None:
    """HTML, text, the step of a hint, the lab's message, and what is stored."""
    html = render_html(report)
    view_page.check(html)
    assert_visible(html)
    assert_visible(render_text(report))
    view_page.check(render_step_html(report))
    assert_visible(render_step_html(report))
    assert_visible(render_step_text(report))
    message = report_message("key", report, "a\nb", again=False)
    # The ids of fixes are ours; the source goes back into an editor as it was.
    shown = [{**mark, "fixes": [fix | {"id": ""} for fix in mark["fixes"]]} for mark in message["marks"]]
    for text in texts_in([message["announcement"], shown]):
        assert_visible(text)
        assert len(text) < 100_000
    assert len(html) < 500_000
    stored.stored_report(report)


@pytest.mark.parametrize("name", samples.ALL)
@settings(QUICK, max_examples=12)
@given(payload=TEXTS)
def test_every_text_of_a_report_is_harmless_in_every_view(name: str, payload: str) -> None:
    check_every_view(view_page.poisoned(samples.ALL[name](), payload))


@settings(QUICK, max_examples=12)
@given(payload=TEXTS)
def test_every_text_is_harmless_in_the_panel(payload: str) -> None:
    report = view_page.poisoned(samples.ragged(), payload)
    report.repairer = samples.NamespaceRepairer({})
    panel = Panel(report, RnnCheck())
    try:
        panel.cards[0].show.click()
        panel.cards[0].apply.click()
        pending: list[Any] = [panel.box]
        while pending:
            widget = pending.pop()
            pending += getattr(widget, "children", ())
            assert not getattr(widget, "description_allow_html", False)
            for text in (getattr(widget, "description", ""), getattr(widget, "tooltip", "") or ""):
                assert_visible(text)
            if isinstance(widget, HTML):
                view_page.check(widget.value)
                assert_visible(widget.value)
    finally:
        panel.close()


@QUICK
@given(name=TEXTS, dtype=TEXTS)
def test_every_name_is_harmless_in_the_table_of_shapes(name: str, dtype: str) -> None:
    class Odd:
        shape = (3, 4)

    Odd.dtype = type("D", (), {"name": dtype})()
    with contextlib.suppress(ValueError):  # a name with a null character is none
        Odd.__name__ = name
    view_page_of_shapes(shapes.survey({name: Odd(), "X": np.zeros((2, 3))}))
    with contextlib.suppress(shapes.UnknownNameError):
        shapes.survey({}, [name])
    gc.collect(0)
