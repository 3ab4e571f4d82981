"""Which display a report gets: one bundle, in a terminal, in a kernel, with and without ipywidgets."""

from __future__ import annotations

import io
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import view_samples as samples
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from rnnmagic.settings import RnnCheck
from rnnmagic.views import STORED_MIME, WIDGET_MIME, show_report


@pytest.fixture(scope="module")
def terminal() -> InteractiveShell:
    return InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))


class Kernel:
    """As much of a kernel's shell as showing needs."""

    kernel = object()

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.display_pub = SimpleNamespace(publish=lambda **message: self.published.append(message))


@pytest.mark.parametrize(
    ("display", "name", "mimes"),
    [
        ("auto", "flattened", {WIDGET_MIME, STORED_MIME, "text/html", "text/plain"}),
        ("auto", "clean", {STORED_MIME, "text/html", "text/plain"}),
        ("panel", "clean", {WIDGET_MIME, STORED_MIME, "text/html", "text/plain"}),
        ("html", "flattened", {STORED_MIME, "text/html", "text/plain"}),
        ("text", "flattened", {STORED_MIME, "text/plain"}),
    ],
)
def test_one_display_in_a_kernel(display: str, name: str, mimes: set[str]) -> None:
    shell = Kernel()
    show_report(samples.ALL[name](), RnnCheck(display=display), shell)
    assert [set(message["data"]) for message in shell.published] == [mimes]


def test_none_shows_nothing() -> None:
    shell = Kernel()
    show_report(samples.flattened(), RnnCheck(display="none"), shell)
    assert shell.published == []


def test_a_terminal_gets_the_text(terminal: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    show_report(samples.flattened(), RnnCheck(), terminal)
    out = capsys.readouterr().out
    assert out.startswith("rnnmagic: The LSTM layer lstm reads sequences")
    assert "<div" not in out


def test_a_capture_of_the_output_catches_the_report(terminal: InteractiveShell) -> None:
    from IPython.core.displaypub import CapturingDisplayPublisher

    publisher, terminal.display_pub = terminal.display_pub, CapturingDisplayPublisher()
    try:
        with capture_output(display=False) as captured:
            show_report(samples.flattened(), RnnCheck(display="html"), terminal)
        (output,) = terminal.display_pub.outputs
    finally:
        terminal.display_pub = publisher
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert captured.stdout == ""


def test_max_fixes_holds_in_html_and_text() -> None:
    shell = Kernel()
    show_report(samples.flattened(), RnnCheck(display="html", max_fixes=1), shell)
    data = shell.published[0]["data"]
    for mime in ("text/html", "text/plain"):
        assert "1. Reshape X_train" in data[mime]
        assert "then swap" not in data[mime]
        assert "2 more ways" in data[mime]


@pytest.mark.parametrize(("display", "said"), [("auto", False), ("panel", True)])
def test_without_ipywidgets_the_html_is_shown(
    display: str, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.delitem(sys.modules, "rnnmagic.views.panel", raising=False)
    shell = Kernel()
    show_report(samples.flattened(), RnnCheck(display=display), shell)
    data = shell.published[0]["data"]
    assert set(data) == {STORED_MIME, "text/html", "text/plain"}
    assert ("pip install ipywidgets" in data["text/html"]) is said


def test_a_panel_that_breaks_leaves_the_html_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnmagic.views import panel

    def broken(*arguments: Any) -> None:
        raise RuntimeError("<b>no comm</b>")

    monkeypatch.setattr(panel, "open_panel", broken)
    shell = Kernel()
    show_report(samples.flattened(), RnnCheck(), shell)
    data = shell.published[0]["data"]
    assert set(data) == {STORED_MIME, "text/html", "text/plain"}
    assert "could not open its panel (RuntimeError: <b>no comm</b>)" in data["text/plain"]
    assert "&lt;b&gt;no comm&lt;/b&gt;" in data["text/html"]


def test_a_terminal_without_unicode_gets_plain_signs(
    terminal: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    show_report(samples.stacked(), RnnCheck(), terminal)
    stream.flush()
    out = raw.getvalue().decode("ascii")
    assert "ok embedding  Embedding  -> [32,20,8]" in out
    assert "x lstm_1" in out


def test_ipywidgets_is_imported_for_a_panel_only() -> None:
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import view_samples as samples
from types import SimpleNamespace
from rnnmagic.settings import RnnCheck
from rnnmagic.views import show_report
shell = SimpleNamespace(display_pub=SimpleNamespace(publish=lambda **message: None), kernel=None)
for make in samples.ALL.values():
    show_report(make(), RnnCheck(), shell)
    shell.kernel = object()
    show_report(make(), RnnCheck(display="html"), shell)
    shell.kernel = None
loaded = [name for name in ("ipywidgets", "numpy", "tensorflow", "keras") if name in sys.modules]
assert not loaded, loaded
show_report(samples.flattened(), RnnCheck(display="panel"), shell)
assert "ipywidgets" in sys.modules
"""
    here = str(__import__("pathlib").Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
