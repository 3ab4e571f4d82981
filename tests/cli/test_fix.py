"""`rnnmagic fix`: what is written was run, and nothing but the changed cells is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import notebooks
import pytest

from rnnmagic.cli.files import back_up, write_whole
from rnnmagic.cli.places import FileLines, cells_of, new_source, replaced
from rnnmagic.cli.repairing import RefusedError, apply_fix, proves, repair, without_outputs

OLD = notebooks.TORCH[2]
LOCKED = {"source": notebooks.TORCH[1], "metadata": {"editable": False}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three notebooks, two of which are repaired in place in one run of the command."""
    folder = tmp_path_factory.mktemp("fix")
    outputs = [{"name": "stdout", "output_type": "stream", "text": ["old\n"]}]
    cells = [*notebooks.TORCH[:2], {"source": OLD, "outputs": outputs, "execution_count": 7}]
    path = notebooks.write(folder / "a.ipynb", cells, custom={"größe": 1.50})
    # As no program would write it again.
    text = path.read_text(encoding="utf-8").replace('"nbformat": 4', '"nbformat"  :  4').rstrip("\n")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    notebooks.write(folder / "b.ipynb", (notebooks.TORCH[0], LOCKED, OLD))
    (folder / "a.ipynb.bak").write_text("an older one", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(folder: Path) -> tuple[int, str, str]:
    """Status and output, and the text of `a.ipynb` as it was."""
    before = (folder / "a.ipynb").read_bytes().decode()
    ran = notebooks.rnnmagic(folder, "fix", ".", "--in-place", "--diff", "--jobs", "2")
    assert ran.stderr == ""
    return ran.returncode, ran.stdout, before


def test_one_cell_changes_and_all_else_stays_byte_by_byte(done: tuple[int, str, str], folder: Path) -> None:
    status, said, before = done
    assert status == 1, "b.ipynb has a mistake left"
    after = (folder / "a.ipynb").read_bytes().decode()
    old, new = cells_of(before), cells_of(after)
    changed = [place for place in range(len(old)) if old[place].source != new[place].source]
    assert changed == [2]
    assert "nn.LSTM(3, 8, batch_first=True)" in new[2].source
    assert after == replaced(before, [(old[2].parts["source"], new_source(before, old[2], new[2].source))])
    assert "a.ipynb: cell 4 [3], line 1: features: LSTM(input_size=3); a run proves it" in said
    assert "-net = nn.LSTM(5, 8, batch_first=True)" in said.splitlines()
    assert "+net = nn.LSTM(3, 8, batch_first=True)" in said.splitlines()


def test_the_old_notebook_is_kept_beside_older_ones(done: tuple[int, str, str], folder: Path) -> None:
    assert (folder / "a.ipynb.bak").read_text(encoding="utf-8") == "an older one"
    assert (folder / "a.ipynb.bak1").read_bytes().decode() == done[2]
    assert "the old notebook is a.ipynb.bak1" in done[1]


def test_a_locked_cell_is_left_alone_and_said(done: tuple[int, str, str], folder: Path) -> None:
    assert cells_of((folder / "b.ipynb").read_text(encoding="utf-8"))[2].source == notebooks.TORCH[1]
    assert "b.ipynb: cell 4 [3], line 1: features is left: cell 3 is locked" in done[1]
    assert not list(folder.glob("b.ipynb.bak*"))


# The parts, on texts


def text_of(*cells: Any, **layout: Any) -> str:
    return json.dumps(notebooks.notebook(cells), ensure_ascii=False, **layout)


@pytest.mark.parametrize(
    "layout", [{"indent": 1}, {"indent": 4}, {"indent": "\t"}, {}, {"separators": (",", ":")}]
)
@pytest.mark.parametrize("source", ["one", "one\ntwo", "ä\t\"'\\\n\n  three\n", ""])
def test_a_source_is_replaced_as_the_file_lays_it_out(layout: dict[str, Any], source: str) -> None:
    text = text_of(source, "last\ncell", **layout)
    cells = cells_of(text)
    new = "x = '€'\n" + source
    changed = replaced(text, [(cells[1].parts["source"], new_source(text, cells[1], new))])
    expected = json.loads(text)
    expected["cells"][1]["source"] = new.splitlines(keepends=True)
    assert json.loads(changed) == expected
    if source:
        assert changed == json.dumps(expected, ensure_ascii=False, **layout), (
            "as the same program would write it"
        )


def test_a_source_in_one_string_and_lines_of_the_file() -> None:
    book = notebooks.notebook(("a\nb", "c"))
    book["cells"][1]["source"] = "a\nb"
    text = "\ufeff" + json.dumps(book, indent=2)
    cells = cells_of(text)
    assert [cell.source for cell in cells] == ["# Größe\n\ntext", "a\nb", "c"]
    assert new_source(text, cells[1], "a\nß") == '"a\\n\\u00df"'
    line, column = FileLines(text).place(cells[2].lines[0].start)
    assert text.splitlines()[line - 1][column - 1 :] == '"c"'


@pytest.mark.parametrize(
    "text", ["", "[]", '{"cells": {}}', '{"cells": [{}]}', '{"cells": [{"source": 1}]}', '{"cells": [']
)
def test_no_notebook(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|source"):
        cells_of(text)


def fix_of(index: int, old: str, new: str, **more: Any) -> dict[str, Any]:
    return {
        "title": f"Make it {new}",
        "verified": True,
        "edits": [{"index": index, "old": old, "new": new}],
        **more,
    }


def test_a_fix_is_refused_where_the_cell_reads_otherwise() -> None:
    text = text_of("a", {"source": "b", "metadata": {"nbgrader": {"locked": True}}})
    assert cells_of(apply_fix(text, fix_of(1, "a", "z")))[1].source == "z"
    for fix, why in (
        (fix_of(1, "a ", "z"), "does not read"),
        (fix_of(9, "a", "z"), "does not read"),
        (fix_of(2, "b", "z"), "cell 3 is locked"),
        ({"edits": []}, "names no cell"),
        ({"edits": fix_of(1, "a", "z")["edits"] * 2}, "twice"),
    ):
        with pytest.raises(RefusedError, match=why):
            apply_fix(text, fix)


def result(failing: int | None, *fixes: dict[str, Any], kind: str = "error") -> dict[str, Any]:
    cell = {"index": failing, "execution_count": failing, "id": None}
    mistakes = [] if failing is None else [
        {"kind": kind, "cause": "rank", "cell": cell, "line": 1, "expected": False, "fixes": list(fixes)}
    ]  # fmt: skip
    failed = [failing] if failing is not None and kind == "error" else []
    return {"mistakes": mistakes, "failed": failed, "reached": failing or 2, "problem": None}


def test_a_fix_that_does_not_hold_is_taken_back_and_the_next_is_tried() -> None:
    runs: list[str] = []
    fixes = (fix_of(1, "a", "not tried", verified=False), fix_of(1, "a", "worse"), fix_of(1, "a", "right"))

    def run(text: str) -> dict[str, Any]:
        runs.append(cells_of(text)[1].source)
        return result(None if runs[-1] == "right" else 1, *fixes)

    done = repair(text_of("a", "b"), run, warnings=False, limit=9)
    assert runs == ["a", "worse", "right"]
    assert cells_of(done.text)[1].source == "right"
    assert done.left == []
    assert [step.fix["title"] for step in done.steps] == ["Make it right"]


def test_nothing_is_kept_without_proof_and_silent_mistakes_wait_to_be_asked_for() -> None:
    text = text_of("a", "b")
    done = repair(text, lambda text: result(1, fix_of(1, "a", "z")), warnings=False, limit=9)
    assert (done.text, done.steps) == (text, [])
    assert "did not hold" in done.left[0][1]

    def run(text: str) -> dict[str, Any]:
        return result(1 if cells_of(text)[1].source == "a" else None, fix_of(1, "a", "z"), kind="warning")

    assert repair(text, run, warnings=False, limit=9).text == text
    assert cells_of(repair(text, run, warnings=True, limit=9).text)[1].source == "z"


def test_what_is_proof() -> None:
    (mistake,) = result(1)["mistakes"]
    before = result(1)
    assert proves(mistake, before, result(None))
    assert not proves(mistake, before, {**result(None), "reached": 0})
    assert not proves(mistake, before, {**result(None), "failed": [0]}), "an earlier cell fails now"
    assert not proves(mistake, before, {**result(None), "problem": {"cell": None}})
    assert proves(mistake, before, {**result(None), "failed": [2], "problem": {"cell": {"index": 2}}})


def test_outputs_are_emptied() -> None:
    text = text_of({"source": "a", "outputs": [{"x": [1]}], "execution_count": 3}, indent=1)
    expected = json.loads(text)
    expected["cells"][1].update(outputs=[], execution_count=None)
    assert json.loads(without_outputs(text)) == expected


def test_a_write_that_breaks_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    write_whole(path, "old\r\n")
    assert path.read_bytes() == b"old\r\n"
    path.chmod(0o640)
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \udc80")
    assert path.read_bytes() == b"old\r\n"
    write_whole(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert [back_up(path, text).name for text in "ab"] == ["a.ipynb.bak", "a.ipynb.bak1"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.ipynb", "a.ipynb.bak", "a.ipynb.bak1"]
