"""A new user's run with real Keras in a real kernel: the error, the panel, a click, and training goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from live import Answer, Live, live_kernel

SETUP = """
import numpy as np, keras
from keras import layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 60)).astype("float32")
y = rng.normal(size=(40, 1)).astype("float32")
"""
MODEL = """
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name="memory"), layers.Dense(1)])
model.compile("adam", "mse")
"""
CALL = "history = model.fit(X, y, epochs=2, verbose=0)"
WIDGET = "application/vnd.jupyter.widget-view+json"
STORED = "application/vnd.rnnmagic.report+json"


class Watched:
    """A kernel whose comm messages are noted as well."""

    def __init__(self, live: Live) -> None:
        self.live = live

    def run(self, code: str, **options: Any) -> tuple[Answer, list[dict[str, Any]]]:
        """A cell's answer, and the comm messages while it ran."""
        return self._until_idle(self.live.send(code, **options))

    def tell(self, comm: str, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Send to a comm: the comm messages that come back."""
        client = self.live.client
        message = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        client.shell_channel.send(message)
        return self._until_idle(message["header"]["msg_id"], reply=False)[1]

    def click(self, comm: str) -> list[dict[str, Any]]:
        return self.tell(comm, {"method": "custom", "content": {"event": "click"}})

    def _until_idle(self, identity: str, *, reply: bool = True) -> tuple[Answer, list[dict[str, Any]]]:
        client, answer, comms, idle = self.live.client, Answer(), [], False
        end = time.monotonic() + 120
        while not idle:
            assert time.monotonic() < end, "the kernel does not come to rest"
            message = client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != identity:
                continue
            kind, content = message["msg_type"], message["content"]
            idle = kind == "status" and content["execution_state"] == "idle"
            if kind.startswith("comm_"):
                comms.append(message)
            elif kind in ("stream", "display_data", "execute_result", "error"):
                answer.outputs.append({"type": kind, **content})
        while reply and not answer.reply:
            message = client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == identity:
                answer.reply = message["content"]
        return answer, comms


def widget(comms: list[dict[str, Any]], **state: Any) -> str:
    for message in comms:
        if message["msg_type"] == "comm_open":
            found = message["content"]["data"]["state"]
            if all(found.get(key) == value for key, value in state.items()):
                return str(message["content"]["comm_id"])
    raise AssertionError(f"no widget with {state}")


def states(comms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m["content"]["data"].get("state", {}) for m in comms if m["msg_type"] == "comm_msg"]


def said(comms: list[dict[str, Any]]) -> str:
    return " ".join(str(state.get("value", "")) for state in states(comms))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with live_kernel(tmp_path_factory.mktemp("real")) as live:
        watched = Watched(live)
        answer, _ = watched.run("%load_ext rnnmagic\n" + SETUP)
        assert answer.status == "ok", answer.traceback
        yield watched


def fresh(real: Watched) -> None:
    answer, _ = real.run(SETUP + MODEL)
    assert answer.status == "ok", answer.traceback


# A new user's run. The first test is the kernel's first: no cell has been checked yet.


def test_before_any_checked_cell(real: Watched) -> None:
    for code in ("%rnncheck last", "%rnnfix 1", "%rnnfix undo"):
        answer, _ = real.run(code)
        assert answer.status == "error"
        assert answer.reply["ename"] == "UsageError"
        assert "No cell has been checked yet" in answer.stderr
        assert answer.traceback == ""


def test_error_panel_apply_rerun_undo(real: Watched) -> None:
    fresh(real)
    answer, comms = real.run("%%rnncheck\n" + CALL, cell_id="the-cell")
    assert (answer.status, answer.reply["ename"]) == ("error", "ValueError")
    assert [output["type"] for output in answer.outputs] == ["error", "display_data"]
    (bundle,) = answer.displays
    assert set(bundle) == {WIDGET, STORED, "text/html", "text/plain"}
    assert "`X` is a flat table (40, 60)" in bundle["text/plain"]
    assert "X: [40,60] → [40,20,3]" in bundle["text/plain"]
    assert any(m["content"]["comm_id"] == bundle[WIDGET]["model_id"] for m in comms), (
        "the view has its widget"
    )

    apply = widget(comms, _model_name="ButtonModel", description="Apply fix 1")
    undo = widget(comms, _model_name="ButtonModel", description="Undo")
    real.run("kept = X")
    heard = real.click(apply)
    assert "Run the cell again" in said(heard)
    assert real.live.value("[list(X.shape), X is kept, list(kept.shape)]") == [[40, 20, 3], False, [40, 60]]

    answer, _ = real.run("%%rnncheck\n" + CALL, cell_id="the-cell")
    assert (answer.status, answer.outputs) == ("ok", []), answer.traceback
    assert real.live.value("len(history.history['loss'])") == 2
    answer, _ = real.run("model.fit(X, y, verbose=0)\nmodel.optimizer.iterations.numpy().item()")
    assert answer.result == "6", "training goes on where it was"

    # The panel's own Undo belongs to a panel that the rerun has replaced or that still stands.
    heard = real.click(undo)
    if "as before" not in said(heard):
        real.run("%rnnfix undo")
    assert real.live.value("X is kept") is True


def test_undo_in_the_panel(real: Watched) -> None:
    fresh(real)
    _, comms = real.run("kept = X\nget_ipython().run_cell('%%rnncheck\\n" + CALL + "');")
    _, comms = real.run("%%rnncheck\n" + CALL)
    real.click(widget(comms, _model_name="ButtonModel", description="Apply fix 1"))
    assert real.live.value("list(X.shape)") == [40, 20, 3]
    heard = real.click(widget(comms, _model_name="ButtonModel", description="Undo"))
    assert "as before" in said(heard)
    assert real.live.value("X is kept") is True
    answer, _ = real.run("%%rnncheck\n" + CALL)
    assert answer.status == "error", "the error is back"


def test_rnnfix_gives_a_cell_that_runs(real: Watched) -> None:
    fresh(real)
    real.run("%%rnncheck\n" + CALL)
    answer, _ = real.run("%rnnfix 1")
    (payload,) = answer.next_input
    assert payload["replace"] is False
    assert payload["text"].startswith("%%rnncheck\n")
    for _ in range(2):  # a repaired cell is safe to run again
        answer, _ = real.run(payload["text"])
        assert answer.status == "ok", answer.traceback
    assert "There is no fix 9" in real.run("%rnnfix 9")[0].stderr + real.run("%rnnfix 9")[0].stdout


def test_ragged_parameters_through_the_comm(real: Watched) -> None:
    fresh(real)
    real.run(
        "sequences = [[1., 2., 3.], [4., 5.], [6., 7., 8., 9.]] * 4\nlabels = np.zeros((12, 1))\n"
        "model = keras.Sequential([keras.Input((None, 1)), layers.Masking(), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile('adam', 'mse')"
    )
    answer, comms = real.run("%%rnncheck\nX_seq = np.array(sequences)\nmodel.fit(X_seq, labels, verbose=0)")
    assert answer.status == "error"
    real.run("import rnnmagic")
    assert real.live.value("rnnmagic.last_report().cause") == "ragged"
    choices = real.live.value(
        "{n: [p.label, p.value, list(p.choices)] for n, p in rnnmagic.last_report().fixes[0].parameters.items()}"
    )
    before = real.live.value("rnnmagic.last_report().fixes[0].code")
    assert {"maxlen", "side", "value"} <= set(choices), choices
    for name in ("maxlen", "side"):
        label, value, offered = choices[name]
        comm = widget(comms, _model_name="DropdownModel", description=label)
        other = next(i for i, choice in enumerate(offered) if choice != value)
        heard = real.tell(comm, {"method": "update", "state": {"index": other}, "buffer_paths": []})
        code = real.live.value("rnnmagic.last_report().fixes[0].code")
        assert code != before
        changed = {k: p[1] for k, p in choices.items()} | {name: offered[other]}
        assert real.live.value(f"rnnmagic.last_report().fixes[0].parameters[{name!r}].value") == changed[name]
        assert str(offered[other]) in re.sub("<[^>]*>", "", said(heard))
        before = code
    answer, _ = real.run("%rnnfix 1")
    answer, _ = real.run(answer.next_input[0]["text"])
    assert answer.status == "ok", answer.traceback


HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "cell",
    [
        # TensorFlow takes no such name for a scope, so that only building the model gets this far.
        f"model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name={HOSTILE!r}), layers.LSTM(4)])",
        f"tables = {{{HOSTILE!r}: X}}\nmodel.fit(tables[{HOSTILE!r}], y, verbose=0)",
        f"X + {HOSTILE!r} if False else model.fit(X, y, verbose=0)",
    ],
    ids=["layer", "key", "statement"],
)
def test_hostile_text(real: Watched, cell: str) -> None:
    fresh(real)
    answer, comms = real.run("%%rnncheck\n" + cell)
    assert answer.status == "error"
    real.run("import rnnmagic")
    assert real.live.value("rnnmagic.last_report().outcome") == "shape_error", answer.traceback
    html = answer.displays[0]["text/html"]
    assert "<img" not in html and "&lt;img src=x" in html
    values = [m["content"]["data"]["state"].get("value", "") for m in comms if m["msg_type"] == "comm_open"]
    assert not [value for value in values if "<img" in str(value)]
    assert HOSTILE in answer.displays[0]["text/plain"]


# Bad input


BROKEN = {
    "__repr__": "def __repr__(self): raise RuntimeError('no repr')",
    "shape": "@property\n    def shape(self): raise RuntimeError('no shape')",
    "__array__": "def __array__(self, *a, **k): raise RuntimeError('no array')",
    "__len__": "def __len__(self): raise RuntimeError('no len')",
    "__getattr__": "def __getattr__(self, name): raise RuntimeError('no attribute')",
    "__class__": "@property\n    def __class__(self): raise RuntimeError('no class')",
    "__eq__": "def __eq__(self, other): raise RuntimeError('no eq')\n    __hash__ = None",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=list(BROKEN))
def test_object_that_raises(real: Watched, body: str) -> None:
    """In the namespace it disturbs nothing; passed to fit, the user sees the own error."""
    fresh(real)
    real.run(f"class Broken:\n    {body}\nbroken = Broken()")
    answer, _ = real.run("%%rnncheck\n" + CALL)
    assert answer.reply["ename"] == "ValueError"
    assert "X: [40,60] → [40,20,3]" in answer.displays[0]["text/plain"]
    assert real.run("%rnnshapes")[0].status == "ok"

    plain, _ = real.run("#\nmodel.fit(broken, y, verbose=0)")
    fresh(real)
    real.run(f"class Broken:\n    {body}\nbroken = Broken()")
    checked, _ = real.run("%%rnncheck\nmodel.fit(broken, y, verbose=0)")
    assert (checked.status, checked.reply["ename"]) == ("error", plain.reply["ename"])
    assert steady(checked.traceback) == steady(plain.traceback)
    assert "rnnmagic stopped" not in checked.stderr
    assert real.run("%%rnncheck\n1 + 1")[0].result == "2"


def test_namespace_of_50000_names(real: Watched) -> None:
    fresh(real)
    real.run("for _i in range(50_000): globals()[f'name_{_i}'] = X if _i % 5 == 0 else _i")
    answer, _ = real.run("%%rnncheck\n" + CALL)
    assert answer.reply["ename"] == "ValueError"
    assert real.live.value("__import__('rnnmagic').last_report().array.name") == "X"
    timing = real.live.value("__import__('rnnmagic').last_report().timing.to_dict()")
    real.run("for _i in range(50_000): del globals()[f'name_{_i}']")
    assert timing["diagnose"] < 5, timing
    assert real.run("1 + 1")[0].status == "ok"


# The user's own traceback


def steady(traceback: str) -> list[str]:
    """Without what differs from run to run: the first line, line numbers, file names, addresses."""
    text = re.sub(r"#?%%rnncheck( --display none)?|(?m:^( *1) #$)", r"\2", traceback)
    text = re.sub(r"ipykernel_\d+/\d+\.py|/tmp/\S+\.py|<ipython-input-[^>]*>", "CELL", text)
    text = re.sub(r"0x[0-9a-f]+|Cell In\s?\[\d+\]|In\s?\[\d+\]", "ID", text)
    text = re.sub(r"\b(sequential|keras_tensor|lstm|dense|functional|data)_\d+", r"\1", text)
    text = re.sub(r"__inference_\w+?_\d+", "FUNCTION", text)
    text = re.sub(r"line \d+|:\d+", "LINE", text)
    rows = [re.sub(r"^\s*(-+> )?\d+ ?", r"\1", row).rstrip() for row in text.splitlines()]
    return [row for row in rows if row]


FAILURES = {
    "fit": (MODEL, "model.fit(X, y, verbose=0)"),
    "fit, wrong features": (MODEL, "model.fit(X.reshape(40, 15, 4), y, verbose=0)"),
    "fit, too few targets": (MODEL, "model.fit(X.reshape(40, 20, 3), y[:-1], verbose=0)"),
    "fit, graph": (
        MODEL.replace('"mse"', '"sparse_categorical_crossentropy"').replace("Dense(1)", "Dense(3)"),
        "model.fit(X.reshape(40, 20, 3), np.full(40, 7), batch_size=40, verbose=0)",
    ),
    "predict": (MODEL, "model.predict(X, verbose=0)"),
    "predict one": (MODEL, "model.predict(X[0].reshape(20, 3), verbose=0)"),
    "call": (MODEL, "model(X)"),
    "call of a subclassed model": (
        (
            "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.r = layers.LSTM(2)\n"
            "    def call(self, x):\n        return self.r(x)\nmodel = Net()"
        ),
        "model(X)",
    ),
    "construct": ("", "keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.LSTM(4)])"),
    "add": (
        "model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4)])",
        "model.add(layers.LSTM(4))",
    ),
    "functional construct": ("i = keras.Input((20, 3))", "layers.LSTM(4)(layers.LSTM(4)(i))"),
    "layer argument": ("", "layers.LSTM(4, no_such=1)"),
    "not compiled": ("model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4)])", "model.fit(X, y)"),
    "no super": (
        "class Net(keras.Model):\n    def __init__(self):\n        pass\n    def call(self, x):\n        return x",
        "Net()(X)",
    ),
    "NumPy": ("", "np.array([[1, 2], [3]])"),
}


@pytest.mark.parametrize(("build", "call"), FAILURES.values(), ids=list(FAILURES))
def test_traceback_is_the_users_own(real: Watched, build: str, call: str) -> None:
    tracebacks = []
    for magic in ("#\n", "%%rnncheck --display none\n"):
        answer, _ = real.run(SETUP + "keras.backend.clear_session()\n" + build)
        assert answer.status == "ok", answer.traceback
        # A comment in place of the magic: the same line numbers.
        answer, _ = real.run(magic + call)
        assert answer.status == "error"
        tracebacks.append(answer.traceback)
    plain, checked = tracebacks
    assert "rnnmagic" not in checked
    assert "hooked" not in checked and "heard" not in checked
    assert steady(checked) == steady(plain)
