"""`rnnmagic report`: what lies in saved notebooks, summed up; names are hostile and files broken."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import notebooks
import pytest
from nbclient import NotebookClient

from rnnmagic.cli import main
from rnnmagic.cli.saved import pseudonym, who
from rnnmagic.report import ErrorInfo, Notice, Report
from rnnmagic.views.stored import MIME, stored_report

HOSTILE = '<script>alert(1)</script>"&[bold]=1+1'


def report(cause: str = "flattened", step: int | None = None, **more: Any) -> dict[str, Any]:
    error = ErrorInfo("ValueError", "no", 1, "model.fit(X, y)", "call")
    made = stored_report(
        Report("shape_error", error=error, cause=cause, summary="No.", execution_count=3, **more)
    )
    return made | ({} if step is None else {"hints": {"step": step, "of": 5, "highest": 5}})


def cell(source: str, count: int, *reports: Any, failed: bool = False) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["No."], MIME: one}}
        for one in reports
    ]
    if failed:
        outputs.insert(0, {"output_type": "error", "ename": "E", "evalue": "", "traceback": []})
    return {"source": source, "execution_count": count, "outputs": outputs}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    course = tmp_path / "submitted"
    fit = "model.fit( X, y)"
    notebooks.write(
        course / "ann" / "hw1" / "a.ipynb",
        [cell(fit, 3, report(step=2), report(step=4), failed=True), cell("model.fit(X3, y)", 9)],
    )
    silent = stored_report(Report("clean", warnings=(Notice("mask_lost", "Lost."),)))
    notebooks.write(
        course / "ben" / "hw1" / "a.ipynb", [cell(fit, 3, report(), failed=True), cell("f(X)", 4, silent)]
    )
    notebooks.write(
        course / "ben" / "hw2" / "b.ipynb", [cell(fit, 3, report("features", step=1), failed=True)]
    )
    notebooks.write(
        course / HOSTILE.replace("/", "_") / "hw1" / "a.ipynb", [cell(fit, 3, report(HOSTILE), failed=True)]
    )
    notebooks.write(course / "cleo" / "hw1" / "a.ipynb", ["1"])
    odd = [
        "x",
        5,
        {"outcome": "shape_error", "hints": {"step": "9"}, "cause": ["rank"]},
        {"warnings": [1, {}]},
    ]
    notebooks.write(course / "odd" / "hw1" / "a.ipynb", [cell("1", 1, *odd), {**cell("2", 2), "outputs": 7}])
    (course / "cleo" / "hw1" / "cut.ipynb").write_text("{", encoding="utf-8")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["report", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def test_json_counts_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, folder, "--format", "json")
    assert status == 1
    assert "cut.ipynb cannot be read" in err
    found = json.loads(out)
    assert (found["notebooks"], found["students"], found["unreadable"], found["times"]) == (6, 5, 1, 7)
    causes = {row["cause"]: row for row in found["causes"]}
    flat = causes["flattened"]
    assert (flat["times"], flat["notebooks"], flat["students"]) == (2, 2, 2)
    assert flat["median_hint_step"] == 4, "of a report shown twice the later"
    assert flat["mended"] == {"yes": 1, "no": 1, "unknown": 0}
    assert (causes["mask_lost"]["silent"], causes["mask_lost"]["mended"]["unknown"]) == (1, 1)
    assert causes["other"]["times"] == 3
    assert [row["assignment"] for row in found["assignments"]] == ["hw1", "hw2"]
    assert found["by_student"] is None


def test_no_name_is_told_unless_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "csv", "html", "text"):
        for by in ("none", "pseudonym"):
            _, out, _ = said(capsys, folder, "--format", form, "--by", by, "--key", "secret")
            assert not [name for name in ("ann", "ben", "script", "submitted", str(folder)) if f"{name}" in
                        out.replace("banner", "").replace("cannot", "").replace("scanned", "")], (form, by)  # fmt: skip


def test_pseudonyms_are_stable_for_a_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def names(*more: str) -> tuple[set[str], str]:
        _, out, err = said(capsys, folder, "--format", "json", "--by", "pseudonym", *more)
        return {row["student"] for row in json.loads(out)["by_student"]}, err

    first, err = names("--key", "k")
    assert "key" not in err
    assert pseudonym("ann", "k") in first
    assert names("--key", "k")[0] == first
    drawn, err = names()
    assert not drawn & first
    key = err.split("--key ")[1].split()[0]
    assert names("--key", key)[0] == drawn


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name in ("src", "href") or name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_escapes_names_and_loads_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, out, _ = said(capsys, folder, "--by", "name", "--html", folder / "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags and "img" not in page.tags and "link" not in page.tags
    assert HOSTILE.replace("/", "_") in page.text
    assert "url(" not in text and "@import" not in text and "http" not in text.replace("http-equiv", "")
    first_column = "".join(line[:40].split("  ")[0].strip() for line in out.splitlines())
    assert HOSTILE.replace("/", "_") in first_column, "nothing of a name is markup on the terminal"


def test_csv_holds_no_formula(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebooks.write(
        folder / "submitted" / "=1+1" / "hw1" / "a.ipynb", [cell("f(X)", 3, report(), failed=True)]
    )
    _, out, _ = said(capsys, folder, "--format", "csv", "--by", "name")
    rows = list(csv.reader(io.StringIO(out)))
    assert len({len(row) for row in rows}) == 1
    assert ["student", "'=1+1", "flattened", "1"] in [row[:4] for row in rows]
    assert not [field for row in rows for field in row if field.startswith("=")]


def test_who_by_folders_else_by_the_file() -> None:
    assert who(Path("/c/submitted/ann/hw1/x.ipynb")) == ("ann", "hw1")
    assert who(Path("/submitted/c/autograded/ann/hw1/sub/x.ipynb")) == ("ann", "hw1")
    assert who(Path("/c/somewhere/ann_hw1.ipynb")) == ("ann_hw1", None)


def test_a_run_notebook_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A real kernel, the report as people see it, saved and read."""
    cells = ("%load_ext rnnmagic", notebooks.RAGGED[0], "%%rnncheck\n" + notebooks.RAGGED[1])
    book = nbformat.from_dict(notebooks.notebook(cells))
    for one in book.cells:
        one.source = "".join(one.source)
    environment = notebooks.environment(tmp_path)
    NotebookClient(book, timeout=120, allow_errors=True).execute(env=environment, cwd=str(tmp_path))
    nbformat.validate(book)
    nbformat.write(book, tmp_path / "x.ipynb")
    (output,) = [one for one in book.cells[3].outputs if one.output_type == "display_data"]
    assert {MIME, "text/html", "text/plain"} <= set(output.data)
    assert "edits" not in json.dumps(output.data[MIME])
    status, out, _ = said(capsys, tmp_path, "--format", "json")
    assert status == 0
    assert [(row["cause"], row["times"]) for row in json.loads(out)["causes"]] == [("ragged", 1)]
