"""`rnnmagic check` among notebooks that hang, die or are none: the rest goes on, and whole files are left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import notebooks
import psutil
import pytest

from rnnmagic import cli

BAD_KERNEL = {"kernelspec": {"display_name": "?", "name": "no-such-kernel"}}
R = {"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}, "language_info": {"name": "R"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    notebooks.write(folder / "a-endless.ipynb", ("n = 0", "while True:\n    n += 1", "after = 1"))
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    notebooks.write(folder / "b-deaf.ipynb", (deaf,))
    notebooks.write(folder / "c-exits.ipynb", ("import os\nos._exit(3)",))
    notebooks.write(folder / "d-killed.ipynb", ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",))
    (folder / "e-cut.ipynb").write_text('{"cells": [', encoding="utf-8")
    (folder / "f-other.ipynb").write_text('{"cells": 1, "nbformat": 4}', encoding="utf-8")
    (folder / "g-bytes.ipynb").write_bytes(b"\xff\xfe{}")
    notebooks.write(folder / "h-language.ipynb", ("x <- 1",), **R)
    notebooks.write(folder / "i-kernel.ipynb", ("1",), **BAD_KERNEL)
    notebooks.write(folder / "j-module.ipynb", ("import no_such_module_at_all",))
    notebooks.write(folder / "k-name.ipynb", ("undefined_name",))
    notebooks.write(folder / "l-asks.ipynb", ("input()",))
    notebooks.write(folder / "m-mistake.ipynb", notebooks.RAGGED)
    notebooks.write(folder / "n-\x1b[31mred\nline.ipynb", notebooks.CLEAN)
    notebooks.write(folder / ".ipynb_checkpoints" / "z.ipynb", notebooks.RAGGED)
    notebooks.write(folder / "drafts" / "z.ipynb", notebooks.RAGGED)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> tuple[int, str, dict[str, Any]]:
    options = ("--format", "json", "--output", "found.json", "--jobs", "2", "--timeout", "15")
    done = notebooks.rnnmagic(folder, "check", ".", "--exclude", "draft*", *options)
    return done.returncode, done.stderr, json.loads((folder / "found.json").read_text(encoding="utf-8"))


def test_each_is_told_and_the_rest_goes_on(found: tuple[int, str, dict[str, Any]]) -> None:
    status, errors, result = found
    assert errors == "", "no progress bar where no terminal is"
    assert status == 1, "a mistake goes before what could not be checked"
    kinds = {one["file"][0]: one["problem"] and one["problem"]["kind"] for one in result["notebooks"]}
    assert kinds == {
        "a": "timeout", "b": "timeout", "c": "kernel_died", "d": "kernel_died", "e": "invalid", "f": "invalid",
        "g": "invalid", "h": "language", "i": "kernel_missing", "j": "module_missing", "k": "error",
        "l": "error", "m": None, "n": None,
    }  # fmt: skip
    assert [one["file"] for one in result["notebooks"]] == sorted(one["file"] for one in result["notebooks"])
    assert result["summary"]["not_checked"] == 12
    assert result["summary"]["causes"] == {"ragged": 1}


def test_the_reason_is_said(found: tuple[int, str, dict[str, Any]]) -> None:
    texts = {one["file"][0]: (one["problem"] or {}).get("text", "") for one in found[2]["notebooks"]}
    assert texts["a"].startswith("it did not end within 15 s, stopped in line")
    assert texts["b"].endswith("could not be interrupted and was killed")
    assert "NameError: name 'undefined_name' is not defined" in texts["k"]
    assert "no_such_module_at_all" in texts["j"]
    assert "no-such-kernel" in texts["i"]
    place = next(one["problem"]["cell"] for one in found[2]["notebooks"] if one["file"].startswith("a"))
    assert place == {"index": 2, "execution_count": 2, "id": "cell-1"}


def test_no_process_is_left(found: tuple[int, str, dict[str, Any]]) -> None:
    time.sleep(1)
    assert [
        one for one in psutil.Process().children(recursive=True) if "rnnmagic" in " ".join(_line(one))
    ] == []


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_status_2_and_hostile_names_in_text(folder: Path) -> None:
    done = notebooks.rnnmagic(folder, "check", "e-cut.ipynb", "n-\x1b[31mred\nline.ipynb", "--jobs", "1")
    assert done.returncode == 2
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[0].startswith("e-cut.ipynb: could not be checked: it is no valid JSON")
    assert "none in 1, 1 could not be checked" in done.stdout


def test_allow_errors_goes_on_and_skip_expected_leaves_out(tmp_path: Path) -> None:
    expected = {"source": notebooks.RAGGED[1], "metadata": {"tags": ["raises-exception"]}}
    notebooks.write(tmp_path / "a.ipynb", (notebooks.RAGGED[0], "1 / 0", expected, "len(sequences)"))
    options = ("--format", "json", "--allow-errors", "--skip-expected")
    done = notebooks.rnnmagic(tmp_path, "check", "a.ipynb", *options)
    (one,) = json.loads(done.stdout)["notebooks"]
    assert (done.returncode, one["status"], one["cells"]) == (0, "checked", {"code": 4, "ran": 4})
    assert one["failed"] == [2, 3]


@pytest.mark.parametrize("form", ["json", "text"])
def test_ctrl_c_leaves_whole_files_and_no_process(tmp_path: Path, form: str) -> None:
    notebooks.write(tmp_path / "a.ipynb", notebooks.RAGGED)
    notebooks.write(tmp_path / "b.ipynb", ("import time\nopen('begun', 'w').close()\ntime.sleep(600)",))
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnmagic", "check", ".", "--format", form, "--output", "out", "--jobs", "1"],
        cwd=tmp_path, env=notebooks.environment(tmp_path), stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.1)
        assert not out.exists(), "nothing half done is seen"
        below = psutil.Process(process.pid).children(recursive=True)
        assert len(below) >= 2
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert alive == []
    text = out.read_text(encoding="utf-8")
    if form == "json":
        found = json.loads(text)
        assert [one["file"] for one in found["notebooks"]] == ["a.ipynb"]
        assert found["summary"]["interrupted"] is True
    else:
        assert "a.ipynb: cell 3 [2], line 2: ragged" in text
        assert text.endswith("interrupted.\n")
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*.part"))


def test_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.main(["check", str(tmp_path / "none.ipynb")]) == 2
    assert "there is no notebook or folder" in capsys.readouterr().err
    assert cli.main(["check", str(tmp_path)]) == 2
    with pytest.raises(SystemExit) as left:
        cli.main(["check", ".", "--jobs", "0"])
    assert left.value.code == 2
    monkeypatch.setattr(cli, "NEEDED", ("nbclient", "no_such_package"))
    assert cli.main(["check", str(tmp_path)]) == 2
    assert "needs no_such_package: pip install 'rnnmagic[cli]'" in capsys.readouterr().err


def test_help_and_version_import_no_framework(tmp_path: Path) -> None:
    code = """
import sys
from rnnmagic.cli import main
for arguments in (["--version"], ["check", "--help"], ["fix", "--help"], ["report", "--help"]):
    try:
        main(arguments)
    except SystemExit as left:
        assert left.code == 0
import rnnmagic.cli.check, rnnmagic.cli.fix, rnnmagic.cli.summary
heavy = {"tensorflow", "keras", "torch", "numpy", "jax", "pandas", "ipywidgets", "distributed"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=notebooks.environment(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert "exit status:" in done.stdout
