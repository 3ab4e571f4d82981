"""The HTML view: nothing from the kernel may become markup."""

from __future__ import annotations

import dataclasses

import pytest
import view_samples as samples
from view_page import PAYLOADS, TAGS, Page, check, poisoned

from rnnmagic.report import Report
from rnnmagic.views import html
from rnnmagic.views.html import render_html
from rnnmagic.views.markup import Markup, el, join, stylesheet
from rnnmagic.views.style import CSS, PANEL_CSS
from rnnmagic.views.text import render_text


@pytest.mark.parametrize("name", samples.ALL)
def test_well_formed_and_from_the_allowed_elements(name: str) -> None:
    page = check(render_html(samples.ALL[name]()))
    assert "rnnmagic" in page.text


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", samples.ALL)
def test_hostile_text_stays_text(name: str, payload: str) -> None:
    clean = Page(render_html(samples.ALL[name]()))
    page = check(render_html(poisoned(samples.ALL[name](), payload), note=payload))
    extra = set(page.tags) - set(clean.tags)
    assert extra <= TAGS
    assert payload in page.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_source_stays_text(payload: str) -> None:
    for fix in poisoned(samples.flattened(), payload).fixes:
        page = check(html.source(fix, 1).html)
        assert payload in page.text


def test_the_poison_reaches_every_text_that_is_shown() -> None:
    """Guards the test above: after the poisoning no word of the sample's own is left."""
    page = Page(render_html(poisoned(samples.flattened(), "POISON")))
    for word in ("X_train", "lstm", "LSTM", "reshape", "float64", "samples", "likely"):
        assert word not in page.text


def test_bidi_and_control_characters_are_visible() -> None:
    source = render_html(poisoned(samples.ragged(), "a\u202eb\x1b[0m\u2066"))
    assert "\u202e" not in source
    assert "\x1b" not in source
    assert "\\u202eb\\x1b[0m\\u2066" in source


def test_html_and_text_say_the_same() -> None:
    for name, make in samples.ALL.items():
        report = make()
        page, text = Page(render_html(report)), " ".join(render_text(report).split())
        for fix in report.fixes:
            assert fix.title in page.text, name
            assert fix.title in text
            assert fix.why in page.text
        if report.summary:
            assert report.summary in page.text
            assert report.summary in text


def test_meaning_is_not_in_colour_alone() -> None:
    page = Page(render_html(samples.stacked()))
    assert "fails here" in page.text
    assert "verified" in page.text
    assert "Caution: " in Page(render_html(samples.ragged())).text


def test_no_script_no_link_no_import() -> None:
    for make in samples.ALL.values():
        source = render_html(make()).lower()
        for word in ("<script", "javascript:", "http:", "https:", "@import", "url("):
            assert word not in source
    for rule in (CSS + PANEL_CSS).split("}"):
        assert not rule.strip() or rule.strip().startswith(".rnnmagic")


def test_only_built_markup_goes_in_unescaped() -> None:
    assert el("p", "<i>").html == "<p>&lt;i&gt;</p>"
    assert el("p", el("b", "<i>")).html == "<p><b>&lt;i&gt;</b></p>"
    assert el("p", role='"><').html == '<p role="&quot;&gt;&lt;"></p>'
    assert join("a", None, Markup("<b></b>")).html == "a<b></b>"
    with pytest.raises(ValueError, match="script"):
        el("script", "alert(1)")
    with pytest.raises(ValueError, match="onclick"):
        el("p", onclick="alert(1)")
    with pytest.raises(ValueError, match="style sheet"):
        stylesheet("</style>")


def test_axes_stand_with_their_names_and_differences_are_marked() -> None:
    report = samples.stacked()
    layer = dataclasses.replace(
        samples.flattened().layer,  # type: ignore[type-var]
        expected=(None, 20, 3),
        received=(None, 20, 4),
        received_axes=("samples", "timesteps", "features"),
    )
    source = render_html(dataclasses.replace(report, layer=layer, array=None))
    assert source.count("rnnmagic-dim rnnmagic-differs") == 2
    assert "3 features" in Page(source).text
    assert "4 features" in Page(source).text


def test_huge_reports_stay_small() -> None:
    huge = poisoned(samples.ragged(), "<" * 200_000)
    huge = dataclasses.replace(huge, advice=huge.advice * 100, warnings=samples.silent().warnings * 100)
    assert len(render_html(huge)) < 200_000


def test_an_empty_report_of_each_outcome_renders() -> None:
    for outcome in ("clean", "shape_error", "other_error"):
        check(render_html(Report(outcome=outcome)))  # type: ignore[arg-type]
