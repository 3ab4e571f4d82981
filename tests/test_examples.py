"""The example notebooks, each run from top to bottom in a real kernel.

`RNNMAGIC_REWRITE_GOLDEN=1` writes their outputs anew; otherwise the panel of the run is compared with the
one that the committed notebook shows to people reading it on the web.
"""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
REWRITE = bool(os.environ.get("RNNMAGIC_REWRITE_GOLDEN"))
WIDGET = "application/vnd.jupyter.widget-view+json"
PROBE = "import json, rnnmagic; print(json.dumps(rnnmagic.last_report().to_dict()))"

CLEAN = "1-lstm-classifier"
CAUSES = {
    "2-flat-table": "flattened",
    "3-sequences-of-unequal-length": "ragged",
    "4-stacked-lstm": "sequence_collapsed",
}


@dataclass
class Ran:
    """A notebook after its run: what was committed, what came out, and the report of each checked cell."""

    committed: Any
    notebook: Any
    reports: list[tuple[Any, dict[str, Any]]]

    def tagged(self, tag: str) -> tuple[Any, dict[str, Any]]:
        """The one checked cell with this tag, and its report."""
        (found,) = [pair for pair in self.reports if tag in pair[0].metadata.get("tags", [])]
        return found


def run(name: str) -> Ran:
    path = EXAMPLES / f"{name}.ipynb"
    committed = nbformat.read(path, as_version=4)
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", timeout=300, store_widget_state=False)
    reports = []
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            client.execute_cell(cell, index)
            if cell.source.startswith("%%rnncheck"):
                probe = nbformat.v4.new_code_cell(PROBE)
                client.execute_cell(probe, index, store_history=False)
                notebook.cells[index] = cell  # where the client has put the probe
                printed = "".join(output.text for output in probe.outputs if output.get("name") == "stdout")
                reports.append((cell, json.loads(printed)))
    if REWRITE:
        nbformat.write(for_reading(deepcopy(notebook)), path)
        committed = nbformat.read(path, as_version=4)
    return Ran(committed, notebook, reports)


def for_reading(notebook: Any) -> Any:
    """The notebook as it is committed: no widgets, which need their kernel, and nothing of this machine."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        kept = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in kept:
            output.get("data", {}).pop(WIDGET, None)
            if output.output_type == "error":
                output.traceback = [anywhere(text) for text in output.traceback]
        cell.outputs = kept
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def anywhere(text: str) -> str:
    """A traceback without the folders of the machine that it was raised on."""
    return re.sub(r"[~/][^\s\"'\x1b]*/(?=site-packages/|ipykernel_\d+/|python3\.\d+/)", "", text)


def panel(cell: Any) -> Any:
    """The report shown under a cell."""
    (shown,) = [output for output in cell.outputs if output.output_type == "display_data"]
    return shown


def accuracy(ran: Ran) -> int:
    printed = "".join(
        output.text
        for cell in ran.notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream"
    )
    found = re.findall(r"^Right on .+: (\d+)%$", printed, re.MULTILINE)
    assert found
    return int(found[-1])


_ran: dict[str, Ran] = {}


@pytest.fixture
def ran(request: pytest.FixtureRequest) -> Ran:
    """The notebook named by the test's parameter, run once."""
    name = request.param
    if name not in _ran:
        _ran[name] = run(name)
    return _ran[name]


every = pytest.mark.parametrize("ran", [CLEAN, *CAUSES], indirect=True)
failing = pytest.mark.parametrize(("ran", "cause"), CAUSES.items(), indirect=["ran"], ids=list(CAUSES))


def test_all_examples_are_tested() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.ipynb")} == {CLEAN, *CAUSES}


@every
def test_runs_from_top_to_bottom_and_learns(ran: Ran) -> None:
    assert accuracy(ran) >= 90


@pytest.mark.parametrize("ran", [CLEAN], indirect=True)
def test_a_correct_cell_is_clean_and_shows_nothing(ran: Ran) -> None:
    ((cell, report),) = ran.reports
    assert report["outcome"] == "clean"
    assert cell.outputs == []


@failing
def test_the_failing_cell_fails_and_says_why(ran: Ran, cause: str) -> None:
    cell, report = ran.tagged("raises-exception")
    assert report["outcome"] == "shape_error"
    assert report["cause"] == cause
    kinds = [output.output_type for output in cell.outputs if output.get("name") != "stderr"]
    assert kinds == ["error", "display_data"], "the error, and the panel under it"
    shown = panel(cell).data
    assert {"text/html", "text/plain"} <= set(shown)
    assert WIDGET not in shown, "nobody is in front of nbclient"
    assert " ".join(report["summary"].split()) in " ".join(shown["text/plain"].split())


@failing
def test_the_repaired_cell_is_the_first_fix(ran: Ran, cause: str) -> None:
    cell, report = ran.tagged("raises-exception")
    repaired, after = ran.tagged("repaired")
    fix = report["fixes"][0]
    assert fix["verified"]
    assert fix["edits"][-1]["old"] == cell.source
    assert fix["edits"][-1]["new"].rstrip() == repaired.source
    assert after["outcome"] == "clean"


@failing
def test_the_committed_notebook_shows_this_panel(ran: Ran, cause: str) -> None:
    """If it does not: see "Golden texts and examples" in CONTRIBUTING.md."""
    (committed,) = [
        cell for cell in ran.committed.cells if "raises-exception" in cell.metadata.get("tags", [])
    ]
    fresh, _ = ran.tagged("raises-exception")
    assert panel(committed).data["text/plain"] == panel(fresh).data["text/plain"]
    assert "text/html" in panel(committed).data


@pytest.mark.parametrize("name", [CLEAN, *CAUSES])
def test_committed_notebooks_hold_nothing_of_a_machine(name: str) -> None:
    text = (EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8")
    assert WIDGET not in text
    assert not re.findall(r"[^\s\"]*/(?:home|root|Users|tmp|work)/[^\s\"]*|[^\s\"]+/site-packages", text)
