"""The notebooks of `examples/`, run as a student would run them, and the form in which they are committed.

A code cell of a lesson says in its metadata what is to come of it, under `rnnmagic`:

- `expects`: a cause of REPORT's table. With the tag `raises-exception` the cell fails with that cause;
  without it, it runs and gets a notice of that cause.
- `exercise`: the number of the exercise that the cell belongs to; in the answers, of the one that it solves.
- `repairs`: the id of the failing cell whose first fix this is, word for word.
"""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LESSONS = EXAMPLES / "lessons"
TOUR = EXAMPLES / "1-lstm-classifier.ipynb"
NAMES = sorted(path.stem for path in LESSONS.glob("*.ipynb"))

WIDGET = "application/vnd.jupyter.widget-view+json"
FAILS = "raises-exception"
PROBE = "import json, rnnmagic; print(json.dumps(rnnmagic.last_report().to_dict()))"
MAGIC = "%%rnncheck"
PATIENCE_S = 60
"""For the trying of fixes: on a busy machine the same ones are tried as on an idle one."""

Report = dict[str, Any]


@dataclass
class Ran:
    """A notebook after its run.

    `committed` is the notebook as it lies in the repository, `notebook` the same with the outputs of this
    run, `reports` what rnnmagic said of each checked cell, and `repaired` what it said once the first fix
    was carried out; both by the cell's id.
    """

    committed: Any
    notebook: Any
    reports: dict[str, Report] = field(default_factory=dict)
    repaired: dict[str, Report] = field(default_factory=dict)

    @property
    def code(self) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def cell(self, cell_id: str) -> Any:
        (found,) = [cell for cell in self.notebook.cells if cell.id == cell_id]
        return found


def notes(cell: Any) -> dict[str, Any]:
    """What the cell says of itself to these tests."""
    found: dict[str, Any] = cell.metadata.get("rnnmagic", {})
    return found


def fails(cell: Any) -> bool:
    return FAILS in cell.metadata.get("tags", [])


def run(path: Path) -> Ran:
    """Run a notebook from top to bottom in a kernel of its own, and then each fix that came first.

    The fixes come last, so that what the cells show is what a reader sees who repairs nothing. With
    `RNNMAGIC_REWRITE_GOLDEN=1` the notebook is written with the outputs of this run.
    """
    ran = Ran(nbformat.read(path, as_version=4), nbformat.read(path, as_version=4))
    client = NotebookClient(
        ran.notebook,
        kernel_name="python3",
        timeout=300,
        store_widget_state=False,
        extra_arguments=[f"--RnnCheck.time_limit={PATIENCE_S}"],
    )
    # Figures are part of what is committed, and the tests' own back end draws none.
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    with client.setup_kernel(env=environment):

        def report() -> Report:
            printed = "".join(
                output.text for output in execute(PROBE).outputs if output.get("name") == "stdout"
            )
            found: Report = json.loads(printed)
            return found

        def execute(source: str) -> Any:
            """Run code that is no cell of the notebook; the client wants a place for it."""
            kept = ran.notebook.cells[0]
            cell = nbformat.v4.new_code_cell(source)
            cell.metadata["tags"] = [FAILS]
            client.execute_cell(cell, 0, store_history=source.startswith(MAGIC))
            ran.notebook.cells[0] = kept
            return cell

        for index, cell in enumerate(ran.notebook.cells):
            if cell.cell_type != "code":
                continue
            client.execute_cell(cell, index)
            if cell.source.startswith(MAGIC):
                ran.reports[cell.id] = report()
        for cell in to_repair(ran):
            for edit in first_fixes(ran.reports[cell.id])[0]["edits"]:
                execute(edit["new"])
            ran.repaired[cell.id] = report()
    if os.environ.get("RNNMAGIC_REWRITE_GOLDEN"):
        nbformat.write(for_reading(deepcopy(ran.notebook)), path)
        ran.committed = nbformat.read(path, as_version=4)
    return ran


def to_repair(ran: Ran) -> list[Any]:
    """The cells whose first fix is carried out after all others.

    Of a lesson's planted mistakes one, because each trains a model; with `RNNMAGIC_ALL_CASES=1` all. A
    demonstration whose fix is a cell of the notebook has seen it run already.
    """
    shown = {notes(cell).get("repairs") for cell in ran.code}
    planted = [cell for cell in ran.code if "expects" in notes(cell) and cell.id not in shown]
    wanted = planted if os.environ.get("RNNMAGIC_ALL_CASES") else planted[-1:]
    return [cell for cell in wanted if first_fixes(ran.reports[cell.id])]


def first_fixes(report: Report) -> list[Report]:
    """The fixes of the error, or of the first notice where there was none."""
    found: list[Report] = report["fixes"]
    if not found and report["warnings"]:
        found = report["warnings"][0]["fixes"]
    return found


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
                output.evalue = anywhere(output.evalue)
                output.traceback = [anywhere(text) for text in output.traceback]
        cell.outputs = kept
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def anywhere(text: str) -> str:
    """A traceback without the folders of the machine that it was raised on."""
    return re.sub(r"[~/][^\s\"'\x1b]*/(?=site-packages/|ipykernel_\d+/|python3\.\d+/)", "", text)


def panels(cell: Any) -> list[Any]:
    """The reports shown under a cell: what was said before a training began, and what came of the cell."""
    return [
        output.data
        for output in cell.outputs
        if output.output_type == "display_data" and "image/png" not in output.data
    ]
