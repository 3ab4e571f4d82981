"""The same over a Dask cluster of two workers on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import notebooks
import pytest

from rnnmagic.cli import UsageError
from rnnmagic.cli.cluster import Cluster


def test_a_local_cluster(tmp_path: Path) -> None:
    notebooks.write(tmp_path / "a.ipynb", notebooks.RAGGED)
    notebooks.write(tmp_path / "b.ipynb", ("import os\nos._exit(1)",))
    notebooks.write(tmp_path / "c.ipynb", (*notebooks.CLEAN, "open('here', 'w').close()"))
    (tmp_path / "d.ipynb").write_bytes(b"\xff")
    # A notebook that takes the worker of the cluster along: its kernel's parent's parent.
    killer = "import os, psutil\npsutil.Process(os.getppid()).parent().kill()\nimport time; time.sleep(60)"
    notebooks.write(tmp_path / "e.ipynb", (killer,))
    done = notebooks.rnnmagic(tmp_path, "check", ".", "--dask", "local", "--jobs", "2", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["notebooks"]
    assert [one["file"] for one in found] == ["a.ipynb", "b.ipynb", "c.ipynb", "d.ipynb", "e.ipynb"]
    assert [mistake["cause"] for mistake in found[0]["mistakes"]] == ["ragged"]
    assert found[1]["problem"]["kind"] == "kernel_died"
    assert found[2]["status"] == "checked"
    assert (tmp_path / "here").exists(), "in its own folder, which the worker sees"
    assert found[3]["problem"]["kind"] == "invalid"
    assert found[4]["problem"]["text"] == "the cluster's worker that ran it was killed"


def test_no_cluster() -> None:
    with pytest.raises(UsageError, match="no Dask cluster answers at no-such-scheme://x"):
        Cluster("no-such-scheme://x", 1)
