"""How reports reach the user in a real kernel: shown, asked for again, carried out; and bad input.

The examination is replaced by one that says what each test needs, so that no TensorFlow is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live import Live, live_kernel

FAKE = '''
import sys, types, weakref
from rnnmagic.report import Applied, Edit, ErrorInfo, Fix, FixError, Report

class FakeRepairer:
    def __init__(self): self.applied = None; self.undone = 0
    def apply(self, fix):
        self.applied = fix.id
        return Applied(fix, ("X",), "done")
    def undo(self):
        if self.applied is None: raise FixError("Nothing was applied.")
        self.applied = None; self.undone += 1
        return ("X",)
    def adjust(self, fix, values): return fix

class Fake:
    """What the examination does next, and what it was given."""
    mode = "by_error"
    runs = []
    watches = []

def _fix(n, edits):
    return Fix(f"f{n}", "reshape", f"Fix number {n}", "why", "X", f"X = X.reshape({n})", edits, (1,), (1,), True, "sure")

def examine(run, watch, settings):
    Fake.runs.append((run.cell, run.compiled, settings.display, settings.max_fixes, settings.verify,
                      [(c.execution_count, c.cell_id, c.filename, c.offset) for c in run.log]))
    if Fake.mode == "raise": raise RuntimeError("broken\\nin two lines")
    if Fake.mode == "exit": raise SystemExit("a layer left")
    if Fake.mode == "interrupt": raise KeyboardInterrupt
    if run.error is None: return Report("clean")
    if not isinstance(run.error, ZeroDivisionError):
        return Report("other_error", error=ErrorInfo(type(run.error).__name__, ""))
    cell = run.cell
    own = Edit(cell.execution_count, cell.cell_id, cell.raw, cell.raw.replace("/ 0", "/ 1"))
    other = Edit(1, None, "old model", "new model")
    fixes = [_fix(1, (own,)), _fix(2, (other, own)), _fix(3, (other,))]
    return Report("shape_error", error=ErrorInfo("ZeroDivisionError", "", 2), cause="other",
                  summary="The sentence.", fixes=fixes, repairer=FakeRepairer())

class Watch:
    def __init__(self, preflight=None): self.state = []; Fake.watches.append(self)
    def start(self): self.state.append("start")
    def stop(self): self.state.append("stop")
    def release(self): self.state.append("release")

for _name, _what in (("examine", examine), ("watch", Watch)):
    _module = types.ModuleType("rnnmagic." + _name)
    setattr(_module, "Watch" if _name == "watch" else "examine", _what)
    sys.modules["rnnmagic." + _name] = _module
import rnnmagic
'''

FAILING = "%%rnncheck\n1 / 0"


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("fake")) as live:
        answer = live.run(FAKE)
        assert answer.status == "ok", answer.traceback
        live.run("earlier = 'before the extension'")
        yield live


@pytest.fixture(autouse=True)
def _anew(fake: Live) -> None:
    answer = fake.run(
        "%reload_ext rnnmagic\nFake.mode = 'by_error'; Fake.runs.clear(); Fake.watches.clear()\n"
        "get_ipython().run_line_magic('config', 'RnnCheck.display = \"text\"')"
    )
    assert answer.status == "ok", answer.traceback


def usage_error(fake: Live, code: str) -> str:
    """The one line that a wrong call prints; no traceback beside it."""
    answer = fake.run(code)
    assert answer.status == "error"
    assert answer.reply["ename"] == "UsageError"
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == 1, answer.stderr
    assert answer.traceback == ""
    return lines[0]


# Showing


def test_report_lands_under_the_traceback(fake: Live) -> None:
    answer = fake.run(FAILING)
    assert [output["type"] for output in answer.outputs] == ["error", "display_data"]
    assert "The sentence." in answer.displays[0]["text/plain"]
    assert (answer.status, answer.reply["ename"]) == ("error", "ZeroDivisionError")


def test_nothing_is_shown_for_other_errors_and_clean_cells(fake: Live) -> None:
    assert fake.run("%%rnncheck\nraise ValueError").displays == []
    assert fake.run("%%rnncheck\n1 + 1").displays == []


def test_display_none(fake: Live) -> None:
    assert fake.run("%%rnncheck --display none\n1 / 0").displays == []
    assert fake.value("rnnmagic.last_report().outcome") == "shape_error"


def test_options_hold_for_one_cell(fake: Live) -> None:
    fake.run("%%rnncheck --display html --max-fixes 2 --no-verify\n1 / 0")
    fake.run("%%rnncheck\n1 / 0")
    assert fake.value("[run[2:5] for run in Fake.runs]") == [["html", 2, False], ["text", 6, True]]


def test_config(fake: Live) -> None:
    assert "RnnCheck.display=<Enum>" in fake.run("%config RnnCheck").stdout
    fake.run("%config RnnCheck.max_fixes = 3")
    fake.run(FAILING)
    assert fake.value("Fake.runs[-1][3]") == 3
    fake.run("%config RnnCheck.max_fixes = 6")


def test_last_shows_again(fake: Live) -> None:
    fake.run(FAILING)
    assert "The sentence." in fake.run("%rnncheck last").displays[0]["text/plain"]


def test_last_after_a_clean_cell_tells_both(fake: Live) -> None:
    fake.run(FAILING)
    fake.run("%%rnncheck\n1")
    answer = fake.run("%rnncheck last")
    assert "ran without a shape error" in answer.stdout
    assert "The sentence." in answer.displays[0]["text/plain"]


def test_on_and_off(fake: Live) -> None:
    assert "is on" in fake.run("%rnncheck on").stdout
    assert fake.run("1 / 0").displays
    fake.run("%rnncheck last")
    assert fake.value("rnnmagic.last_report().outcome") == "shape_error", (
        "rnnmagic's own cells are not checked"
    )
    assert "is off" in fake.run("%rnncheck off").stdout
    assert fake.run("1 / 0").displays == []


# rnnmagic breaks


@pytest.mark.parametrize("mode", ["raise", "exit", "interrupt"])
def test_broken_examination_leaves_the_users_error_and_one_line(fake: Live, mode: str) -> None:
    fake.run(f"Fake.mode = {mode!r}")
    answer = fake.run("%%rnncheck\nmissing_name")
    assert (answer.status, answer.reply["ename"]) == ("error", "NameError")
    assert "missing_name" in answer.traceback
    assert "examination" not in answer.traceback
    report = fake.value("rnnmagic.last_report().to_dict()")
    assert report["outcome"] == "other_error"
    assert report["error"]["type"] == "NameError"
    assert report["trouble"].startswith("rnnmagic could not examine this cell")
    assert "\n" not in report["trouble"]
    fake.run("Fake.mode = 'by_error'")
    assert fake.run("%%rnncheck\n1").status == "ok"


def test_broken_examination_of_a_good_cell(fake: Live) -> None:
    fake.run("Fake.mode = 'raise'")
    answer = fake.run("%%rnncheck\n6 * 7")
    assert (answer.status, answer.result) == ("ok", "42")


def test_broken_view(fake: Live) -> None:
    fake.run("import rnnmagic.views as _v; _kept = _v.show_report; _v.show_report = None")
    answer = fake.run(FAILING)
    fake.run("_v.show_report = _kept")
    assert answer.reply["ename"] == "ZeroDivisionError"
    assert answer.stderr == "rnncheck: The sentence.\n"


def test_broken_watch(fake: Live) -> None:
    fake.run("_kept = Watch.start\ndef _bad(self): raise OSError('no')\nWatch.start = _bad")
    answer = fake.run("%%rnncheck\n6 * 7")
    fake.run("Watch.start = _kept")
    assert (answer.status, answer.result) == ("ok", "42")
    assert fake.value("rnnmagic.last_report().trouble") == "rnnmagic could not watch this cell (OSError: no)."


@pytest.mark.parametrize(
    "body", ["1", "1 / 0", "raise SystemExit", "x = = 1", "raise KeyboardInterrupt", "await asyncio.sleep(0)"]
)
def test_watch_is_always_taken_off(fake: Live, body: str) -> None:
    fake.run("import asyncio")
    fake.run("%%rnncheck\n" + body)
    assert fake.value("[w.state for w in Fake.watches]") == [["start", "stop", "release"]]


def test_interrupt_takes_the_watch_off_and_is_no_shape_error(fake: Live) -> None:
    answer = fake.run_interrupted("%%rnncheck\nimport time\nprint('go', flush=True)\ntime.sleep(30)")
    assert answer.reply["ename"] == "KeyboardInterrupt"
    assert fake.value("[w.state for w in Fake.watches]") == [["start", "stop", "release"]]
    assert fake.value("rnnmagic.last_report().to_dict()['error']['type']") == "KeyboardInterrupt"


def test_nothing_of_the_failed_cell_is_kept_alive(fake: Live) -> None:
    fake.run(
        "class Big: pass\n"
        "def _fails():\n    global _watched\n    big = Big(); _watched = weakref.ref(big)\n    raise ValueError\n"
    )
    fake.run("%%rnncheck\n_fails()")
    # What IPython itself keeps for %debug and %tb.
    fake.run(
        "import gc, sys\nfor _n in ('last_value', 'last_exc', 'last_traceback'):\n    setattr(sys, _n, None)\n"
        "for _tb in (get_ipython().InteractiveTB, get_ipython().SyntaxTB): _tb.tb = None\n"
        "get_ipython().last_execution_result = None\n"
    )
    assert fake.value("(gc.collect(), _watched() is None)[1]") is True


# Cells within cells


def test_nested_cells_are_one_check(fake: Live) -> None:
    fake.run(
        "%%rnncheck\nget_ipython().run_cell('a = 1')\nget_ipython().run_cell('%%rnncheck\\nb = 2')\nc = 3"
    )
    assert fake.value("len(Fake.runs)") == 1
    assert fake.value("Fake.runs[0][0].raw.endswith('c = 3')") is True


def test_a_checked_cell_within_an_unchecked_one(fake: Live) -> None:
    fake.run("get_ipython().run_cell('%%rnncheck\\n1/0')\n'outer goes on'")
    assert fake.value("[run[0].raw for run in Fake.runs]") == ["%%rnncheck\n1/0"]


@pytest.mark.parametrize(
    "above",
    ["%%rnncheck\n%%capture\n", "%%capture\n%%rnncheck\n", "%%rnncheck\n%%time\n", "%%time\n%%rnncheck\n"],
)
def test_error_under_a_second_cell_magic_is_examined(fake: Live, above: str) -> None:
    cell = above + "a = 1\n1 / 0"
    fake.run(cell)
    assert fake.value("rnnmagic.last_report().outcome") == "shape_error"
    assert fake.value("Fake.runs[-1][0].raw") == cell
    offsets = fake.value("[c[3] for c in Fake.runs[-1][5] if c[0] == Fake.runs[-1][0].execution_count]")
    # Where `%%rnncheck` comes second, IPython counts its line as the body's first.
    assert offsets[0] == (2 if above.startswith("%%rnncheck") else 1)


def test_run_cell_magic_by_hand(fake: Live) -> None:
    answer = fake.run("get_ipython().run_cell_magic('rnncheck', '', 'u = 20\\nu + 1\\n')")
    assert (answer.status, answer.result) == ("ok", "21")
    answer = fake.run("get_ipython().run_cell_magic('rnncheck', '', '1 / 0')")
    assert answer.reply["ename"] == "ZeroDivisionError"
    assert "The sentence." in answer.displays[0]["text/plain"]


def test_option_from_a_variable(fake: Live) -> None:
    fake.run("way = 'none'")
    assert fake.run("%%rnncheck --display {way}\n5").result == "5"
    assert fake.value("Fake.runs[-1][2]") == "none"


# The log of cells


def test_log_knows_cells_by_the_name_of_their_code(fake: Live) -> None:
    fake.run("def made_here():\n    pass\n", cell_id="cell-a")
    fake.run("%%rnncheck\n1", cell_id="cell-b")
    name = fake.value("made_here.__code__.co_filename")
    log = fake.value("Fake.runs[-1][5]")
    assert [entry[1] for entry in log if entry[2] == name] == ["cell-a"]
    assert log[-1][1] == "cell-b"
    assert fake.value("rnnmagic.last_report().cell_id") == "cell-b"


def test_log_holds_cells_from_before_the_extension(fake: Live) -> None:
    fake.run("%%rnncheck\n1")
    raws = fake.value("[c.raw for c in __import__('rnnmagic.extension').extension.checker().log]")
    assert "earlier = 'before the extension'" in raws


def test_cell_is_kept_exactly_as_typed(fake: Live) -> None:
    cell = "\n\n%%rnncheck\n\tx = 1  \n\n\n"
    fake.run(cell)
    assert fake.value("Fake.runs[-1][0].raw") == cell
    assert fake.value("Fake.runs[-1][0].offset") == 2


def test_log_is_bounded(fake: Live) -> None:
    fake.run("for _i in range(2100): get_ipython().run_cell('pass', store_history=False)")
    fake.run(
        "from rnnmagic.cells import Cell as _C\n_checker = __import__('rnnmagic.extension').extension.checker()\n"
        "for _i in range(3000): _checker._add(_C(_i, None, 'x', 'x', f'f{_i}'))"
    )
    assert fake.value("len(_checker.log.cells)") <= 2000


# %rnnfix


def test_rnnfix_lists(fake: Live) -> None:
    fake.run(FAILING)
    listed = fake.run("%rnnfix").stdout
    assert all(f"{n}. Fix number {n}" in listed for n in (1, 2, 3))


def test_rnnfix_puts_the_repaired_cell_below(fake: Live) -> None:
    fake.run(FAILING)
    assert fake.run("%rnnfix 1").next_input == [
        {"source": "set_next_input", "text": "%%rnncheck\n1 / 1", "replace": False}
    ]


def test_rnnfix_of_two_cells_names_the_other(fake: Live) -> None:
    fake.run(FAILING)
    answer = fake.run("%rnnfix 2")
    assert "cell [1]" in answer.stdout
    assert "new model" in answer.stdout
    assert answer.next_input[0]["text"] == "%%rnncheck\n1 / 1"


def test_rnnfix_of_an_earlier_cell_alone(fake: Live) -> None:
    fake.run(FAILING)
    answer = fake.run("%rnnfix 3")
    assert answer.next_input[0]["text"] == "new model"
    assert "cell [1], repaired" in answer.stdout


def test_rnnfix_takes_an_applied_fix_back_first(fake: Live) -> None:
    fake.run(FAILING)
    fake.run("rnnmagic.last_report().apply(1)")
    answer = fake.run("%rnnfix 1")
    assert "Took back" in answer.stdout
    assert fake.value("rnnmagic.last_report().repairer.undone") == 1


def test_rnnfix_undo(fake: Live) -> None:
    fake.run(FAILING)
    fake.run("rnnmagic.last_report().apply('f1')")
    fake.run("%%rnncheck\n1")
    assert fake.run("%rnnfix undo").stdout == "Restored X.\n"
    assert usage_error(fake, "%rnnfix undo") == "UsageError: Nothing was applied."


# Bad input


@pytest.mark.parametrize("code", ["%rnncheck last", "%rnnfix", "%rnnfix 1", "%rnnfix undo"])
def test_before_any_checked_cell(fake: Live, code: str) -> None:
    assert "No cell has been checked yet" in usage_error(fake, code)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("%rnnfix 9", "There is no fix 9: this report offers 3 fixes, numbers 1 to 3."),
        ("%rnnfix 0", "There is no fix 0"),
        ("%rnnfix first", "takes a fix's number or 'undo', not 'first'"),
        ("%rnncheck maybe", "invalid choice: 'maybe'"),
        ("%%rnncheck --nonsense\nran = True", "unrecognized arguments: --nonsense"),
        ("%%rnncheck --display loud\nran = True", "invalid choice: 'loud'"),
        ("%%rnncheck --max-fixes 0\nran = True", "must be a whole number, 1 or more, not '0'"),
        ("%%rnncheck --max-fixes many\nran = True", "must be a whole number, 1 or more, not 'many'"),
        ("%%rnncheck --time-limit soon\nran = True", "must be seconds"),
        ("%%rnncheck --display 'text\nran = True", "quotation"),
        ("%rnnshapes no_such_name", "There is no variable 'no_such_name' in this kernel."),
    ],
)
def test_one_clear_line(fake: Live, code: str, says: str) -> None:
    fake.run(FAILING)
    fake.run("ran = False")
    assert says in usage_error(fake, code)
    assert fake.value("ran") is False
    assert fake.value("rnnmagic.last_report().outcome") == "shape_error", "the report is not lost"


def test_rnnshapes(fake: Live) -> None:
    fake.run("import numpy as np\nX_train = np.zeros((100, 20, 3)); y_train = np.zeros(100, int)")
    shown = fake.run("%rnnshapes X_train y_train").displays[0]
    assert shown["text/plain"].splitlines() == [
        "X_train  f64[100,20,3]  samples, timesteps, features",
        "y_train  i64[100]       samples",
    ]
    assert "<code>X_train</code>" in shown["text/html"]


# Coming and going


def test_help_lists_and_completes(fake: Live) -> None:
    assert "rnncheck" in fake.run("%lsmagic").result
    assert "--max-fixes" in fake.run("%%rnncheck?").seen()["pages"][0]["text/plain"]
    assert "last" in fake.value("list(get_ipython().complete(None, '%rnncheck l', 11)[1])")


def test_load_twice_reload_unload(fake: Live) -> None:
    count = (
        "[len(get_ipython().input_transformers_cleanup), len(get_ipython().input_transformers_post),"
        " *map(len, get_ipython().events.callbacks.values()), len(get_ipython().configurables),"
        " 'rnncheck' in get_ipython().magics_manager.magics['cell'], '%rnncheck' in str(vars(get_ipython().strdispatchers['complete_command']))]"
    )
    loaded = fake.value(count)
    fake.run("%load_ext rnnmagic")
    fake.run("%reload_ext rnnmagic")
    assert fake.value(count) == loaded
    fake.run("%unload_ext rnnmagic")
    gone = fake.value(count)
    assert [a - b for a, b in zip(loaded[:-3], gone[:-3], strict=True)].count(1) == 4
    assert loaded[-3] - gone[-3] == 2, "the settings and the magics"
    assert gone[-2:] == [False, False]
    assert fake.run("%%rnncheck\n1").reply["ename"] == "UsageError"
    assert fake.value("rnnmagic.last_report()") is None
    assert fake.run("%load_ext rnnmagic").status == "ok"
    assert fake.run(FAILING).displays


def test_reset_forgets(fake: Live) -> None:
    fake.run(FAILING)
    fake.run("%reset -f")
    fake.run(FAKE)
    assert fake.value("rnnmagic.last_report()") is None
    fake.run("%%rnncheck\n1")
    assert fake.value("len(Fake.runs[-1][5])") <= 4


def test_traceback_magic_still_shows_the_users_error(fake: Live) -> None:
    fake.run(FAILING)
    again = fake.run("%tb")
    assert "----> 2 1 / 0" in again.traceback + again.stdout
