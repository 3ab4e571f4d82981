"""Objects that are out for mischief in a notebook: beside the data, and as the data."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import traps
from keras_state import assert_nothing_patched, patched_places
from plan import Notebook
from playing import Ran, Stage, steady

from rnnmagic import magics
from rnnmagic.trouble import TEXT_AT_MOST

STAGE = Stage()

START = """\
import keras, numpy as np, pandas as pd
from keras import layers
keras.utils.set_random_seed(7)
X = np.random.default_rng(7).normal(size=(12, 10)).astype("float32")
G = X.reshape(12, 5, 2)
y = np.ones((12, 1), "float32")
model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.Dense(1)])
model.compile("adam", "mse")
"""
FAILING = {
    "flattened": "model.fit(X, y, verbose=0)",
    "other lengths": "model.fit(G, y[:9], verbose=0)",
    "two layers": "keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.LSTM(3)])",
    "a table": "table = pd.DataFrame(X)\nmodel.predict(table, verbose=0)",
}


PASSING = "model.fit(G, y, verbose=0);"
ODD_NAMES = """\
class Name(str):
    __hash__, __eq__ = str.__hash__, str.__eq__
    def __getattribute__(self, name): raise RuntimeError("a trap")
    def __str__(self): raise SystemExit("a trap")
    def __format__(self, how): raise RuntimeError("a trap")
    __repr__ = __len__ = __getitem__ = __contains__ = __iter__ = __add__ = __lt__ = __gt__ = __str__

for name, value in ((1, 2), (None, X), ((1, 2), model), (3.5, y), (b"X", G), (Name("X_odd"), X), (Name("model_odd"), model)):
    globals()[name] = value
del name, value
"""
"""Names that nobody can write in a cell; some stand for the very objects that the cell passes."""

OF_CLASSES = (
    "__name__",
    "__module__",
    "__class__",
    "__dict__",
    "__getattr__",
    "__eq__",
    "__bool__",
    "__mro__",
)
"""What a class may be asked itself."""


def all_traps() -> str:
    """A cell with an object for each thing that it may be asked and each that it may do then."""
    lines = []
    for number, (asked, does) in enumerate((a, d) for a in OF_CLASSES for d in traps.DOES.values()):
        name = f"Odd{number}"
        lines.append(traps.source(name, {asked: does}, metaclass=True))
        lines.append(f"Y_{number} = object.__new__({name})")
    for number, (asked, does) in enumerate((a, d) for a in traps.ASKED for d in traps.DOES.values()):
        if asked in ("__getattribute__", "__hash__", "__del__"):
            continue
        name = f"Trap{number}"
        lines.append(traps.source(name, {asked: does}))
        lines.append(f"X_{number} = object.__new__({name})")
    return "\n".join(lines)


def played(*cells: str, magic: bool) -> Ran:
    STAGE.begin(magic=magic, notebook=Notebook(cells, display="html"))
    places = patched_places()
    for cell in cells[:-1]:
        assert STAGE.run(cell, magic=magic).error is None
    ran = STAGE.run(cells[-1], magic=magic)
    assert_nothing_patched(places)
    return ran


@pytest.fixture(scope="module")
def clean() -> dict[str, Ran]:
    """The cells with nothing odd about."""
    return {call: played(START, call, magic=True) for call in (*FAILING.values(), PASSING)}


def same_report(ran: Ran, clean: Ran) -> None:
    assert clean.report is not None
    assert ran.report is not None
    assert (ran.report.outcome, ran.report.trouble) == (clean.report.outcome, None)
    assert (ran.report.cause, ran.report.summary) == (clean.report.cause, clean.report.summary)
    assert [fix.title for fix in ran.report.fixes] == [fix.title for fix in clean.report.fixes]
    assert [fix.verified for fix in ran.report.fixes] == [fix.verified for fix in clean.report.fixes]
    assert [notice.cause for notice in ran.report.warnings] == [
        notice.cause for notice in clean.report.warnings
    ]
    assert "PRINTED" not in ran.output


@pytest.mark.parametrize("beside", [all_traps(), ODD_NAMES], ids=["traps", "names"])
def test_what_is_odd_beside_the_data_changes_no_report(beside: str, clean: dict[str, Ran]) -> None:
    places = patched_places()
    STAGE.begin(magic=True, notebook=Notebook((START,), display="html"))
    # Which fixes are tried is not to depend on how busy the machine is.
    STAGE.shell.run_line_magic("config", "RnnCheck.time_limit = 60")
    assert STAGE.run(START, magic=True).error is None
    ran = STAGE.run(beside, magic=True)
    assert ran.error is None, ran.output
    assert ran.report is not None
    assert ran.report.trouble is None
    for call, without in clean.items():
        same_report(STAGE.run(call, magic=True), without)
    assert STAGE.run("%rnnshapes", magic=True).error is None
    named = magics.complete(STAGE.shell, SimpleNamespace(command="%rnnshapes"))
    assert "model" in named
    assert {type(name) for name in named} == {str}
    assert_nothing_patched(places)


def as_without(source: str, calls: list[str]) -> None:
    """Each of the calls, in one notebook after the source, ends as it does without the check."""
    both = []
    for magic in (False, True):
        places = patched_places()
        STAGE.begin(magic=magic, notebook=Notebook((START,), display="html"))
        assert STAGE.run(START, magic=magic).error is None
        assert STAGE.run(source, magic=magic).error is None
        both.append([STAGE.run(call, magic=magic) for call in calls])
        assert_nothing_patched(places)
    for plain, ran in zip(*both, strict=True):
        assert type(ran.error) is type(plain.error), f"{ran.source}: {plain.error!r} became {ran.error!r}"
        assert steady(str(ran.error)) == steady(str(plain.error)), ran.source
        assert [steady(text) for text in ran.shown] == [steady(text) for text in plain.shown], ran.source
        assert ran.output.count("PRINTED") == plain.output.count("PRINTED"), ran.source
        assert ran.report is not None
        assert ran.report.trouble is None, f"{ran.source}: {ran.report.trouble}"


@pytest.mark.parametrize("asked", ["__getattr__", "__class__", "shape", "__array__"])
def test_a_trap_as_the_data(asked: str) -> None:
    """The user's error, and all that is printed, is as without the check."""
    source = [
        traps.source(f"Trap{number}", {asked: does}) + f"trap{number} = Trap{number}()"
        for number, does in enumerate(traps.DOES.values())
    ]
    as_without("\n".join(source), [f"model.predict(trap{n}, verbose=0)" for n in range(len(source))])


ARGUMENTS = (
    "model.fit(trap, y, verbose=0)",
    "model.fit(G, trap, verbose=0)",
    "model.fit([trap, trap], y, verbose=0)",
    "model.fit({'a': trap}, y, verbose=0)",
    "model.fit(X, y, sample_weight=trap, verbose=0)",
    "model.fit(X, y, validation_data=trap, verbose=0)",
    "model.fit(X, y, batch_size=trap, verbose=0)",
    "model.fit(X, y, class_weight=trap, verbose=0)",
    "model.fit(X, y, callbacks=[trap], verbose=0)",
    "model(trap)",
    "keras.Sequential([keras.Input((5, 2)), layers.LSTM(trap)])",
)
ALL = {
    "raising": dict.fromkeys(("__len__", "__iter__", "__bool__", "__eq__", "shape", "dtype", "__getattr__", "__repr__"), "raise RuntimeError('a trap')"),
    "lying": {
        "__len__": "return 10**6", "__getitem__": "return self", "shape": "return (12, 5, 2)",
        "dtype": "return 'float32'", "ndim": "return -3", "__class__": "return np.ndarray",
        "__index__": "return -7", "__repr__": "return '<b>a trap</b>'",
    },
}  # fmt: skip


@pytest.mark.parametrize("does", list(ALL))
def test_a_trap_as_an_argument_of_fit(does: str) -> None:
    as_without(traps.source("Trap", ALL[does]) + "trap = Trap()", list(ARGUMENTS))


def test_a_trap_that_loops_when_we_ask_it() -> None:
    """Keras never asks; each look of ours is ended, and all of them together are."""
    here = str(Path(__file__).resolve().parents[2] / "rnnmagic")
    source = (
        "import sys\n"
        "class Trap:\n"
        "    def __getattr__(self, name):\n"
        f"        if sys._getframe(1).f_code.co_filename.startswith({here!r}):\n"
        "            asked.append(name)\n"
        "            while True: pass\n"
        "        raise AttributeError(name)\n"
        "asked = []\n"
        "trap = Trap()\n"
    )
    STAGE.begin(magic=True, notebook=Notebook((START,), display="html"))
    for cell in (START, source):
        assert STAGE.run(cell, magic=True).error is None
    begun = time.process_time()
    ran = STAGE.run("model.fit(trap, y, verbose=0)", magic=True)
    assert time.process_time() - begun < 15
    assert isinstance(ran.error, ValueError)
    assert "Unrecognized data type" in str(ran.error)
    assert STAGE.shell.user_ns["asked"]
    again = STAGE.run(FAILING["flattened"], magic=True).report
    assert again is not None
    assert (again.outcome, again.trouble) == ("shape_error", None)


HUGE = """\
many = [0.0] * 10**6
rows = [[0.0, 1.0]] * 10**4
cycle = [[1.0, 2.0]]
cycle.append(cycle)
table = {}
table["table"] = table
deep = []
for _ in range(900):
    deep = [deep]
"""


def test_huge_and_endless_containers_as_the_data() -> None:
    as_without(HUGE, [f"model.fit({name}, y, verbose=0)" for name in ("cycle", "table", "deep", "rows")])
    # Keras prints all of these itself, which takes longer than all that is ours. Time of this thread: a
    # machine that stands still for a while is nobody's doing.
    begun = time.thread_time()
    STAGE.run("model.fit(many, y, verbose=0)", magic=False)
    plain = time.thread_time() - begun
    begun = time.thread_time()
    ran = STAGE.run("model.fit(many, y, verbose=0)", magic=True)
    checked = time.thread_time() - begun
    assert isinstance(ran.error, ValueError)
    assert ran.report is not None
    assert ran.report.trouble is None
    assert len(ran.report.error.message) <= TEXT_AT_MOST if ran.report.error else False
    assert checked < 2 * max(plain, 1.0)
