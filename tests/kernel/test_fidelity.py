"""A checked cell without a shape error is the same cell without the magic line, to the eye and to Run All."""

from __future__ import annotations

import pytest
from live import Live

MAGIC = "%%rnncheck\n"

CELLS = {
    "result": "6 * 7",
    "result-of-the-last-only": "'first'\n'last'",
    "semicolon": "'quiet';",
    "assignment": "x = 3",
    "blank-lines-above": "\n\n6 * 7",
    "comment-only": "# nothing",
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "display": "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\n'and a result'",
    "display-hook": "class Pretty:\n    def _repr_html_(self): return '<i>i</i>'\n    def __repr__(self): return 'P'\nPretty()",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "await-alone": "await asyncio.sleep(0, 'value')",
    "async-with": "lock = asyncio.Lock()\nasync with lock:\n    print('held')",
    "indented": "    a = 1\n    a + 1",
    "prompts": ">>> a = 1\n>>> a + 5",
    "ipython-prompts": "In [1]: a = 2\n\nIn [2]: a + 5",
    "line-magic": "p = %pwd\nlen(p) > 0",
    "magic-in-a-block": "for i in range(2):\n    %time pass",
    "automagic": "pwd",
    "shell": "!echo from the shell",
    "shell-assigned": "lines = !echo one\nlist(lines)",
    "help": "len?",
    "help-before": "?len",
    "time": "%%time\ntimed = 5\ntimed + 1",
    "time-expression": "%%time\n6 + 1",
    "time-below-blank": "\n%%time\n6 + 1",
    "timeit": "%%timeit -n 1 -r 1\npass",
    "capture": "%%capture captured\nprint('hidden')",
    "captured": "captured.stdout",
    "capture-failing": "%%capture captured\n1 / 0",
    "bash": "%%bash\necho from bash",
    "html-magic": "%%html\n<b>x</b>",
    "error": "1 / 0",
    "error-in-time": "%%time\nz = 1\n1 / 0",
    "error-in-function": "def fails():\n    raise ValueError('no')\nfails()",
    "output-then-error": "print('before')\nraise KeyError('k')",
    "empty-message": "raise RuntimeError",
    "system-exit": "raise SystemExit(3)",
    "system-exit-call": "import sys\nsys.exit()",
    "raised-interrupt": "raise KeyboardInterrupt",
    "syntax-error": "x = = 1",
    "indentation-error": "if True:\nx = 1",
    "unclosed": "print((1",
    "no-such-magic": "%nosuchmagic",
    "no-such-cell-magic": "%%nosuchmagic\nx = 1",
    "usage-error": "%timeit -n",
    "nested-run-cell": "r = get_ipython().run_cell('print(\"inner\")\\n5')\nr.success",
    "nested-failing": "r = get_ipython().run_cell('1/0')\nr.success",
    "custom-traceback": "class Own(Exception):\n    def _render_traceback_(self): return ['own words']\nraise Own('x')",
    "future": "from __future__ import annotations\ndef f(a: nosuchname): return 1\nf(1)",
    "global-scope": "__name__, 'x' in globals()",
    "unicode": "'größe ≠ 3'",
    "percent-in-text": "s = '''\n%%rnncheck\n'''\ns",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _without_the_exit_warning(kernel: Live) -> None:
    # Python shows it for the first SystemExit only, so the two runs would differ.
    kernel.run("import warnings; warnings.filterwarnings('ignore', message='To exit')")


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS.keys())
def test_same_as_without(kernel: Live, source: str) -> None:
    plain = kernel.run(source)
    checked = kernel.run(MAGIC + source)
    assert checked.seen() == plain.seen()


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS.keys())
def test_same_under_rnncheck_on(kernel: Live, source: str) -> None:
    plain = kernel.run(source)
    kernel.run("%rnncheck on")
    try:
        checked = kernel.run(source)
    finally:
        kernel.run("%rnncheck off")
    assert checked.seen() == plain.seen()


def test_the_comparison_can_fail(kernel: Live) -> None:
    assert kernel.run("1").seen() != kernel.run("2").seen()
    assert kernel.run("1 / 0").seen() != kernel.run("raise ValueError").seen()


@pytest.mark.parametrize(
    "cell", ["%%rnncheck", "%%rnncheck\n", "%%rnncheck\n\n  \n", "%%rnncheck --display text\n"]
)
def test_cell_without_body(kernel: Live, cell: str) -> None:
    answer = kernel.run(cell)
    assert (answer.status, answer.outputs) == ("ok", [])
    assert kernel.value("__import__('rnnmagic').last_report().outcome") == "clean"


def test_line_numbers_are_those_of_the_cell(kernel: Live) -> None:
    answer = kernel.run("%%rnncheck\na = 1\n\na / 0")
    assert "----> 4 a / 0" in answer.traceback
    assert ", line 4" in answer.traceback


def test_line_numbers_of_a_syntax_error(kernel: Live) -> None:
    answer = kernel.run("%%rnncheck\na = 1\nb = = 2")
    assert "line 3" in answer.traceback


def test_traceback_shows_the_users_frames_only(kernel: Live) -> None:
    kernel.run("def inner():\n    return 1 / 0")
    answer = kernel.run("%%rnncheck\ninner()")
    assert "----> 2     return 1 / 0" in answer.traceback
    assert "rnnmagic/" not in answer.traceback


def test_underscore_and_out(kernel: Live) -> None:
    answer = kernel.run("%%rnncheck\n40 + 2")
    count = answer.reply["execution_count"]
    assert kernel.run("_").result == "42"
    assert kernel.run(f"Out[{count}], _{count}").result == "(42, 42)"


def test_semicolon_leaves_underscore_as_it_was(kernel: Live) -> None:
    kernel.run("'kept'")
    plain = (kernel.run("99;"), kernel.run("_").result)[1]
    kernel.run("'kept'")
    assert (kernel.run("%%rnncheck\n99;"), kernel.run("_").result)[1] == plain


def test_history_holds_the_cell_as_typed(kernel: Live) -> None:
    cell = "%%rnncheck\ntyped = 1\ntyped"
    count = kernel.run(cell).reply["execution_count"]
    assert kernel.value(f"_i{count}") == cell
    assert kernel.value(f"get_ipython().history_manager.input_hist_raw[{count}]") == cell


def test_execution_count_goes_up_by_one(kernel: Live) -> None:
    first = kernel.run("%%rnncheck\n1").reply["execution_count"]
    assert kernel.run("%%rnncheck\n1 / 0").reply["execution_count"] == first + 1
    assert kernel.run("1").reply["execution_count"] == first + 2


@pytest.mark.parametrize("magic", ["", MAGIC])
@pytest.mark.parametrize(
    "wait",
    [
        "import time\nprint('go', flush=True)\ntime.sleep(30)",
        "import asyncio\nprint('go', flush=True)\nawait asyncio.sleep(4)",
    ],
)
def test_interrupt(kernel: Live, magic: str, wait: str) -> None:
    answer = kernel.run_interrupted(magic + wait)
    assert answer.status == "error"
    assert answer.reply["ename"] in ("KeyboardInterrupt", "CancelledError")
    assert answer.displays == []
    assert kernel.run("'alive'").result == "'alive'"


@pytest.mark.parametrize("magic", ["", MAGIC])
@pytest.mark.parametrize("failing", ["1 / 0", "raise SystemExit", "x = = 1"])
def test_run_all_stops_where_it_would_have_stopped(kernel: Live, magic: str, failing: str) -> None:
    kernel.run("reached = False")
    # Only what waits already is stopped: a cell before both lets them come in.
    cells = [kernel.send(code) for code in ("import time; time.sleep(1)", magic + failing, "reached = True")]
    answers = kernel.collect(*cells)
    assert [answer.status for answer in answers] == ["ok", "error", "aborted"]
    assert kernel.value("reached") is False


def test_run_all_goes_on_after_a_good_cell(kernel: Live) -> None:
    answers = kernel.collect(kernel.send(MAGIC + "import time; time.sleep(0.2)"), kernel.send("'on'"))
    assert [answer.status for answer in answers] == ["ok", "ok"]
    assert answers[1].result == "'on'"


def test_plots_are_shown(kernel: Live) -> None:
    pytest.importorskip("matplotlib")
    kernel.run("%matplotlib inline")
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    plain, checked = kernel.run(source), kernel.run(MAGIC + source)
    assert [sorted(data) for data in checked.displays] == [sorted(data) for data in plain.displays]
    assert "image/png" in checked.displays[0]


def test_nothing_is_added_to_the_namespace(kernel: Live) -> None:
    kernel.run("1")
    before = set(kernel.value("[n for n in globals() if not n.startswith('_')]"))
    kernel.run("%%rnncheck\nnewly = 1")
    after = set(kernel.value("[n for n in globals() if not n.startswith('_')]"))
    assert after - before == {"newly"}


def test_silent_requests_are_left_alone(kernel: Live) -> None:
    kernel.run("%%rnncheck\n1")
    kernel.run("%%rnncheck\n1 / 0", silent=True)
    assert kernel.value("__import__('rnnmagic').last_report().outcome") == "clean"


def test_a_terminal_asks_for_more_lines_after_the_magic(kernel: Live) -> None:
    complete = "get_ipython().input_transformer_manager.check_complete"
    assert (
        kernel.value(f"{complete}('%%rnncheck')[0]")
        == kernel.value(f"{complete}('%%time')[0]")
        == "incomplete"
    )
    assert kernel.value(f"{complete}('%%rnncheck\\nx = 1\\n\\n')[0]") == "complete"
