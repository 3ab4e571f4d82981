"""Other work goes on while a cell is checked: in a thread of the user's, in another kernel, from an old panel.

Clicks of the panel while a cell runs are in `tests/views/test_in_kernel.py`.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parent / "kernel")]

from live import Live, live_kernel  # noqa: E402

from rnnmagic.quiet import no_warnings, silence  # noqa: E402

OPEN = """
%load_ext rnnmagic
import random, threading, time
import numpy as np, keras, rnnmagic
def made(keras=keras, rate=0.3):
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((6, 3)),
        layers.LSTM(2, kernel_initializer=keras.initializers.GlorotUniform(1),
                    recurrent_initializer=keras.initializers.GlorotUniform(2)),
        layers.Dropout(rate, seed=3),
        layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(4)),
    ])
    model.compile("adam", "mse")
    return model
model = made()
X_right = np.random.default_rng(0).normal(size=(16, 6, 3)).astype("float32")
X_train = X_right.reshape(16, 18); y_train = X_right[:, 0, :1]
"""
FAILING = "%%rnncheck --display html\nmodel.fit(X_train, y_train, verbose=0)"
REPORT = "(lambda r: [r.outcome, r.cause, r.trouble, [f.verified for f in r.fixes]])(rnnmagic.last_report())"
FOUND = ["shape_error", "flattened", None, [True, True]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("kernel")) as live:
        answer = live.run(OPEN)
        assert answer.status == "ok", answer.traceback
        yield live


@contextlib.contextmanager
def in_thread(kernel: Live, work: str) -> Iterator[None]:
    """Meanwhile run this in a thread of the kernel, over and over."""
    answer = kernel.run(f"""
done = threading.Event(); failed = []; turns = 0
def work():
    global turns
    while not done.is_set():
        try:
{work}
            turns += 1
        except BaseException as problem:
            failed.append(f"{{type(problem).__name__}}: {{problem}}")
            return
worker = threading.Thread(target=work); worker.start()
while turns < 2 and not failed: time.sleep(0.01)
""")
    assert answer.status == "ok", answer.traceback
    try:
        yield
    finally:
        kernel.run("done.set(); worker.join()")
    assert kernel.value("failed") == []


def check(kernel: Live, cell: str = FAILING) -> None:
    answer = kernel.run(cell)
    assert answer.reply["ename"] == "ValueError", answer.traceback
    # While another thread works, the time may be over before every fix was tried.
    assert kernel.value(REPORT)[:3] == FOUND[:3]


# In a thread


def test_a_training_in_a_thread_comes_out_the_same(kernel: Live) -> None:
    """To the last bit, with masks drawn from a seed generator of its own."""
    kernel.run("""
def trained():
    other = made()
    history = other.fit(X_right, y_train, batch_size=4, shuffle=False, verbose=0).history
    return [*other.get_weights(), other.layers[1].seed_generator.state.numpy(), history["loss"]]
wanted = trained()
""")
    training = """
            for one, other in zip(wanted, trained(), strict=True):
                assert np.array_equal(one, other), (one, other)
"""
    with in_thread(kernel, training):
        for _ in range(3):
            check(kernel)
    kernel.run(FAILING)
    assert kernel.value(REPORT) == FOUND


def test_a_model_that_a_thread_trains_is_left_to_it(kernel: Live) -> None:
    """It is neither tried nor put back: each step counts. What is wrong with the call is said, a fix is not offered."""
    kernel.run("""
shared = made()
class Turns(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        global turns
        turns = epoch + 1
        self.model.stop_training = done.is_set()
""")
    training = """
            shared.fit(X_right, y_train, batch_size=4, epochs=100_000, shuffle=False, verbose=0, callbacks=[Turns()])
            turns -= 1
"""
    with in_thread(kernel, training):
        check(kernel, FAILING.replace("model.fit(X_train, y_train,", "shared.predict(X_train,"))
        assert not any(kernel.value(REPORT)[3])
        check(kernel, FAILING.replace("model.fit", "shared.evaluate"))
    assert kernel.value("int(shared.optimizer.iterations)") == kernel.value("4 * turns")
    kernel.run(
        "twin = made(); twin.fit(X_right, y_train, batch_size=4, epochs=turns, shuffle=False, verbose=0);"
    )
    same = "[bool((a == b).all()) for a, b in zip(shared.get_weights(), twin.get_weights())]"
    assert kernel.value(same) == [True] * 5


def test_what_threads_draw_never_comes_twice(kernel: Live) -> None:
    """From the generators that all threads share; and from one of its own as without a check."""
    kernel.run("dice = np.random.default_rng(5); own = []; drawn = []; rolled = []")
    drawing = """
            own.append(float(dice.normal())); drawn.append(np.random.random()); rolled.append(random.random())
            time.sleep(0.001)
"""
    with in_thread(kernel, drawing):
        check(kernel)
    assert kernel.value("[len(set(drawn)) == len(drawn), len(set(rolled)) == len(rolled)]") == [True, True]
    assert kernel.value("own == list(np.random.default_rng(5).normal(size=len(own)))")


def test_what_a_thread_prints_is_all_there(kernel: Live) -> None:
    printing = """
            print(f"<{turns}>", flush=True)
            time.sleep(0.02)
"""
    with in_thread(kernel, printing):
        printed = "".join(kernel.run(FAILING).stdout for _ in range(2))
    numbers = [int(number) for number in re.findall(r"<(\d+)>", printed)]
    assert len(numbers) > 3
    assert numbers == sorted(set(numbers))
    # While the dry runs are silent, the thread is not: nothing is missing but what came between the cells.
    assert sum(later - former > 1 for former, later in itertools.pairwise(numbers)) <= 1


MEANWHILE = """
import {package}
def in_a_thread(work):
    answers = []
    def told():
        try:
            answers.append(work())
        except BaseException as problem:
            answers.append(repr(problem))
    thread = threading.Thread(target=told); thread.start(); thread.join()
    return answers[0]
def learnt():
    other = made({package}, 0.0)  # a mask of tf_keras's own depends on those drawn before
    other.compile("adam", "mse", run_eagerly=True)
    before = other.get_weights()
    loss = other.train_on_batch(X_right, y_train)
    return float(np.ravel(loss)[0]), [float(np.abs(a - b).sum()) for a, b in zip(before, other.get_weights())]
class Meanwhile({package}.layers.Layer):
    answers = None
    def call(self, inputs):
        if self.answers is not None:
            self.answers.append(in_a_thread(learnt))
        return inputs
Meanwhile.call.autograph_info__ = dict(do_not_convert=True)
wanted = in_a_thread(learnt)
slow = {package}.Sequential([{package}.layers.Input((6, 3)), Meanwhile(), *made({package}).layers])
slow.compile("sgd", "mse")
Meanwhile.answers = []
from rnnmagic import frameworks
trial = frameworks.of(slow).try_call(slow, "fit", dict(x=X_right, y=y_train), open_sandbox=True)
print(trial.ok, trial.known, trial.reason, wanted, Meanwhile.answers)
assert trial.ok and Meanwhile.answers and all(answer == wanted for answer in Meanwhile.answers)
"""


@pytest.mark.parametrize("package", ["keras", "tf_keras"])
def test_a_training_in_the_very_middle_of_a_dry_run(kernel: Live, package: str) -> None:
    answer = kernel.run(MEANWHILE.format(package=package))
    assert answer.status == "ok", answer.stdout + answer.traceback


def elsewhere(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_stream_that_a_thread_took_during_a_check_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """A logger, a progress bar or `redirect_stdout` may keep what `sys.stdout` was at that moment."""
    redirected = contextlib.redirect_stdout(io.StringIO())
    stream = sys.stdout
    with silence():
        print("of the check")
        elsewhere(lambda: print("of the thread"))
        elsewhere(lambda: redirected.__enter__())  # type: ignore[arg-type, return-value]
    redirected.__exit__(None, None, None)
    try:
        print("afterwards", flush=True)
    finally:
        sys.stdout = stream
    assert capsys.readouterr().out == "of the thread\nafterwards\n"


def test_a_stream_left_behind_is_put_right_by_the_next_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """Each in a thread of its own that ends last: what was put back is not a stand-in for ever."""
    stream = sys.stdout
    try:
        with silence():
            left_behind = sys.stdout
        assert sys.stdout is stream
        sys.stdout = left_behind
        with silence(), silence():
            print("of the check")
        assert sys.stdout is stream
    finally:
        sys.stdout = stream
    assert capsys.readouterr().out == ""


PRINTS = """
import sys, threading, time
from rnnmagic.quiet import silence

class Slow:
    def write(self, text):
        time.sleep(0.0005)
        return len(text)
    def flush(self): time.sleep(0.0005)

def prints():
    while not done:
        print("one", "two", flush=True)

sys.stdout, done = Slow(), False
threads = [threading.Thread(target=prints) for _ in range(4)]
for thread in threads: thread.start()
for _ in range(3000):
    with silence(): time.sleep(0.0003)
    [object() for _ in range(50)]
done = True
for thread in threads: thread.join()
"""


def test_a_thread_that_prints_outlives_the_stand_in_of_its_stream() -> None:
    """`print` borrows `sys.stdout` without holding it: a stand-in freed meanwhile was a segmentation fault."""
    ran = subprocess.run([sys.executable, "-c", PRINTS], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr


def test_what_a_thread_warns_of_is_heard() -> None:
    with warnings.catch_warnings(record=True) as heard, no_warnings():
        warnings.warn("of the check", stacklevel=1)
        elsewhere(lambda: warnings.warn("of the thread", stacklevel=1))
    assert [str(one.message) for one in heard] == ["of the thread"]


# In another kernel, and from old panels


def test_two_kernels_at_once(kernel: Live, tmp_path: Path) -> None:
    with live_kernel(tmp_path) as other:
        other.run(OPEN.replace("18", "24").replace("6, 3", "8, 3"))
        sent = [(live, live.send(FAILING)) for live in (kernel, other)]
        for live, message in sent:
            assert live.collect(message)[0].reply["ename"] == "ValueError"
        kernel.run("rnnmagic.last_report().apply(1)")
        assert kernel.value("list(X_train.shape)") == [16, 6, 3]
        assert other.value("list(X_train.shape)") == [16, 24]
        other.run("rnnmagic.last_report().apply(1)")
        assert other.value("list(X_train.shape)") == [16, 8, 3]
        kernel.run("rnnmagic.last_report().undo()")
        assert other.value("list(X_train.shape)") == [16, 8, 3]


def buttons(kernel: Live, description: str) -> list[str]:
    """The comms of all buttons of this name, oldest first."""
    opened = [m["content"] for m in kernel.comm_messages if m["msg_type"] == "comm_open"]
    return [
        content["comm_id"]
        for content in opened
        if content["data"].get("state", {}).get("description") == description
    ]


def test_two_hundred_panels_and_one_more(kernel: Live) -> None:
    """The latest answer their clicks, or say that they are outdated; in place of the others is their HTML."""
    failing = FAILING.replace("html", "panel")
    kernel.run("""
from rnnmagic.settings import RnnCheck
from rnnmagic.views import show_report, panel
import ipywidgets.widgets.widget as widgets
""")
    kernel.run(failing)
    kernel.comm_messages.clear()
    first = seconds(kernel, failing)
    # In cells of eighteen: of too many messages at once ZeroMQ drops some.
    for _ in range(11):
        answer = kernel.run(
            "for _ in range(18): show_report(rnnmagic.last_report(), RnnCheck(), get_ipython())"
        )
        assert answer.status == "ok", answer.traceback
    full = kernel.value("[len(panel._open), len(widgets._instances)]")
    assert full[0] == kernel.value("panel.OPEN_AT_MOST")
    # Not twice, but ten times as long: the machine may have become busy.
    assert seconds(kernel, failing) < 10 * first
    assert seconds(kernel, failing) < 10 * first
    assert kernel.value(REPORT) == FOUND
    assert kernel.value("[len(panel._open), len(widgets._instances)]") == full
    apply = buttons(kernel, "Apply fix 1")
    assert len(apply) == 201
    # The oldest one's widgets are closed: a click that was on its way does nothing.
    click = {"method": "custom", "content": {"event": "click"}}
    kernel.say(apply[0], click)
    assert kernel.value("list(X_train.shape)") == [16, 18]
    kernel.say(apply[-1], click)
    assert kernel.value("list(X_train.shape)") == [16, 6, 3]
    kernel.comm_messages.clear()
    kernel.say(apply[-2], click)
    said = str([message["content"]["data"] for message in kernel.comm_messages])
    assert "changed since" in said, said
    kernel.run("rnnmagic.last_report().undo()")
    assert kernel.value("list(X_train.shape)") == [16, 18]


def seconds(kernel: Live, cell: str) -> float:
    began = time.monotonic()
    assert kernel.run(cell).reply["ename"] == "ValueError"
    return time.monotonic() - began
