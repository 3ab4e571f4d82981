"""The report that stays in a saved notebook: within limits, without sources, nothing of the machine."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
import view_samples as samples

from rnnmagic import __version__
from rnnmagic.report import ErrorInfo, Report
from rnnmagic.views.stored import MIME, TEXT_LIMIT, stored_report


@pytest.mark.parametrize("name", sorted(samples.ALL))
def test_it_is_json_that_a_notebook_takes(name: str) -> None:
    report = samples.ALL[name]()
    stored = stored_report(report)
    assert json.loads(json.dumps(stored, allow_nan=False)) == stored
    assert (stored["rnnmagic"], stored["outcome"], stored["cause"]) == (
        __version__,
        report.outcome,
        report.cause,
    )
    assert not {"edits", "timing"} & set(json.dumps(stored).replace('"', " ").split())
    output = nbformat.v4.new_output("display_data", {MIME: stored, "text/plain": "x"})
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    nbformat.validate(nbformat.reads(nbformat.writes(book), as_version=4))
    assert len(json.dumps(stored)) < 12_000


def test_limits_and_what_is_left_out() -> None:
    long = replace(samples.flattened(), summary="s" * 10**6, advice=("a",) * 1000)
    stored = stored_report(long)
    assert len(stored["summary"]) == TEXT_LIMIT
    assert len(stored["advice"]) == 64
    message = (
        "in /home/ann lee/x.py and /home/ann/net/model.py, ~/secret/a.h5, C:\\Users\\ann\\b.py: 60/3, \udc80"
    )
    stored = stored_report(Report("shape_error", error=ErrorInfo("E", message)))
    assert stored["error"]["message"] == "in ann lee/x.py and model.py, a.h5, b.py: 60/3, ?"
