"""Nothing of the user's is kept alive, and nothing of ours piles up: in a real kernel, over many cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parent / "kernel")]

from live import Live, live_kernel  # noqa: E402

GIGABYTE = 250_000_000
"""Elements of float32. They are never touched, so that no memory is taken."""
OPEN = f"""
%load_ext rnnmagic
import sys, gc, weakref
sys.path += [{str(HERE)!r}, {str(HERE.parent / "views")!r}]
import numpy as np, keras, rnnmagic
model = keras.Sequential([keras.Input((20, 3)), keras.layers.LSTM(2), keras.layers.Dense(1)])
model.compile("adam", "mse")
"""
# What IPython and Python themselves keep of a cell's error goes with the next one.
NEXT = "1/0"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("kernel")) as live:
        answer = live.run(OPEN)
        assert answer.status == "ok", answer.traceback
        yield live


def fail(kernel: Live, magic: str = "%%rnncheck", cell_id: str | None = None) -> None:
    """A cell that fails on an array of 1 GB; `alive` is a weak reference to it."""
    rows = GIGABYTE // 60
    kernel.run(f"X_train = np.empty(({rows}, 60), 'float32'); alive = weakref.ref(X_train)")
    answer = kernel.run(f"{magic}\nmodel(X_train)", cell_id=cell_id)
    assert answer.reply["ename"] == "ValueError", answer.traceback


def is_freed(kernel: Live) -> bool:
    kernel.run(NEXT)
    kernel.run("gc.collect();")
    return bool(kernel.value("alive() is None"))


WAYS = {
    "plain": ("# plain", ""),
    "panel": ("%%rnncheck --display panel", ""),
    "html": ("%%rnncheck --display html", ""),
    "hints": ("%%rnncheck --hints --display panel", "%rnncheck hint"),
    "report kept": ("%%rnncheck --display panel", "kept = rnnmagic.last_report(); kept.to_dict();"),
    "applied": ("%%rnncheck --display panel", "rnnmagic.last_report().apply(1);"),
    "applied, undone": (
        "%%rnncheck --display panel",
        "rnnmagic.last_report().apply(1); rnnmagic.last_report().undo();",
    ),
    "listed": ("%%rnncheck --display panel", "%rnnshapes"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_array_that_the_user_deletes_is_freed(kernel: Live, way: str) -> None:
    magic, then = WAYS[way]
    fail(kernel, magic)
    assert kernel.value("alive() is not None")
    if way != "plain":
        assert kernel.value("rnnmagic.last_report().outcome") == "shape_error"
    if then:
        answer = kernel.run(then)
        assert answer.status == "ok", answer.traceback
    kernel.run("del X_train")
    assert is_freed(kernel)


def test_an_undo_that_came_too_late_says_so(kernel: Live) -> None:
    fail(kernel)
    kernel.run("rnnmagic.last_report().apply(1); data = X_train")
    kernel.run("X_train = None")
    answer = kernel.run("rnnmagic.last_report().undo()")
    assert "X_train has been changed since" in answer.reply["evalue"]
    answer = kernel.run("rnnmagic.last_report().undo()")
    assert "nothing to undo" in answer.reply["evalue"]
    kernel.run("del X_train, data")
    assert is_freed(kernel)


COUNT = """
def counts():
    import collections, comm, ipywidgets.widgets.widget as w
    gc.collect()
    found = collections.Counter()
    for item in gc.get_objects():
        kind = type(item)
        name = f"{kind.__module__}.{kind.__qualname__}"
        if str(kind.__module__).startswith(("rnnmagic", "keras")) or kind.__name__ in ("frame", "traceback"):
            found[name] += 1
    found["widgets"] = len(w._instances)
    found["comms"] = len(comm.get_comm_manager().comms)
    return dict(found)
"""


def test_two_hundred_panels(kernel: Live) -> None:
    """Each in a cell of its own, then all in one cell: the latest live on, the others are closed."""
    kernel.run(COUNT)
    kernel.run("""
import view_samples as samples
from rnnmagic.settings import RnnCheck
from rnnmagic.views import show_report, panel
def open_some(count):
    for _ in range(count):
        show_report(samples.flattened(samples.NamespaceRepairer({})), RnnCheck(), get_ipython())
""")
    seen = []
    for count in (40, 160):
        answer = kernel.run(f"open_some({count})")
        assert answer.status == "ok", answer.traceback
        seen.append(kernel.value("counts()"))
    # The cells as typed, of which a thousand are kept.
    for one in seen:
        one.pop("rnnmagic.cells.Cell")
    assert seen[0] == seen[1]
    assert kernel.value("len(panel._open)") == kernel.value("panel.OPEN_AT_MOST")
    for number in range(3):
        answer = kernel.run("open_some(1)", cell_id=f"cell-{number % 2}")
        assert answer.status == "ok", answer.traceback
    after = kernel.value("counts()")
    assert {name: after[name] for name in ("widgets", "comms")} == {
        name: seen[0][name] for name in ("widgets", "comms")
    }


def test_a_long_session_is_flat(kernel: Live) -> None:
    """A hundred checked cells: failing, clean, and training. What is kept is bounded, and no frame is."""
    kernel.run(COUNT)
    kernel.run("""
X_train = np.zeros((8, 60), "float32"); y_train = np.zeros((8, 1), "float32"); X_right = X_train.reshape(8, 20, 3)
""")
    seen: list[dict[str, int]] = []
    for turn in range(26):
        cells = ["model(X_train)", "total = X_train.sum()", "model(X_right);", "1/0"]
        for place, cell in enumerate(cells):
            kernel.run(f"%%rnncheck --display html --max-fixes 1\n{cell}", cell_id=f"cell-{place}")
        if turn in (21, 25):
            seen.append(kernel.value("counts()"))
    grown = {
        name: (seen[0].get(name, 0), count)
        for name, count in seen[1].items()
        if count > seen[0].get(name, 0) and name != "rnnmagic.cells.Cell"
    }
    assert grown == {}


def test_reports_hold_no_frames(kernel: Live) -> None:
    """Through a frame they would hold whatever a training had made."""
    kernel.run(COUNT)
    kernel.run("X_train = np.zeros((8, 60), 'float32'); y_train = np.zeros((8, 1), 'float32')")
    frames = []
    for _ in range(3):
        kernel.run("%%rnncheck --display html\nmodel.fit(X_train, y_train, verbose=0)")
        kernel.run(NEXT)
        frames.append(kernel.value("counts()").get("builtins.frame", 0))
    assert frames[2] <= frames[0]
    assert kernel.run("rnnmagic.last_report() is not None").result == "True"
