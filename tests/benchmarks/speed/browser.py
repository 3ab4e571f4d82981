"""In JupyterLab, in a real browser: from the panel's message to its buttons, from a click to the edited cell."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from speed.playing import Failed, ms, table

TESTS = Path(__file__).resolve().parents[2]
ROUNDS = 10

# What happens to the failing cell, each with its time (ms). A frame is drawn after each look, as a user would see it.
LISTEN = """repaired => {
    const panel = [...window.jupyterapp.shell.widgets('main')].find(
        widget => widget.sessionContext && widget.content?.widgets);
    const cell = panel.content.widgets.find(one =>
        one.model.sharedModel.getSource().includes('history ='));
    const took = window.took = {};
    const note = what => { took[what] ??= performance.now(); };
    document.addEventListener('click', () => note('click'), {capture: true});
    cell.model.sharedModel.changed.connect(() => {
        if (cell.model.sharedModel.getSource() === repaired) note('edited');
    });
    const kernel = panel.sessionContext.session.kernel;
    const listen = (_, {msg, direction}) => {
        const type = msg.header.msg_type;
        if (direction === 'send' && type === 'execute_request') note(took.click ? 'again' : 'sent');
        if (direction === 'recv' && type === 'error') note('error');
        if (direction === 'recv' && type === 'display_data'
            && 'application/vnd.jupyter.widget-view+json' in msg.content.data) note('display');
    };
    kernel.anyMessage.connect(listen);
    const look = () => {
        const button = [...cell.node.querySelectorAll('.rnnmagic-panel button')].find(
            one => /^Apply fix 1/.test(one.getAttribute('aria-label') ?? one.textContent) && one.offsetParent);
        if (took.display && button && !button.disabled) note('ready');
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    window.stopListening = () => kernel.anyMessage.disconnect(listen);
}"""
STEPS = {
    "cell sent to its error": ("sent", "error"),
    "error to the panel's message": ("error", "display"),
    "the panel's message to buttons in view": ("display", "ready"),
    "click on Apply to the edited cell": ("click", "edited"),
    "click on Apply to the cell sent again": ("click", "again"),
}


def measure(quick: bool) -> None:
    sys.path[:0] = [str(TESTS), str(TESTS / "browser")]
    try:
        from conftest import find_chromium
        from lab import running_lab
        from story import (
            FAILING,
            FAILING_CELL,
            REPAIRED,
            SETUP_CELL,
            apply_button,
            begin,
            expect_source,
            panel,
        )
    except ImportError as missing:
        raise Failed(f"this table wants what the tests want: {missing}") from None
    chromium = find_chromium()
    if chromium is None:
        raise Failed("there is no Chromium or Chrome on this machine")
    rounds = []
    with tempfile.TemporaryDirectory() as scratch:
        folder, home = Path(scratch, "notebooks"), Path(scratch, "home")
        folder.mkdir()
        home.mkdir()
        with running_lab(folder, home, chromium) as lab:
            begin(lab, folder, "story.ipynb")
            # The first round loads ipywidgets, in the page and in the kernel.
            for _ in range(3 if quick else 1 + ROUNDS):
                lab.run(SETUP_CELL)
                lab.set_source(FAILING_CELL, FAILING)
                lab.page.evaluate(LISTEN, REPAIRED)
                lab.start(FAILING_CELL)
                lab.page.wait_for_function("() => window.took.ready")
                apply_button(panel(lab, FAILING_CELL)).click()
                lab.page.wait_for_function("() => window.took.edited && window.took.again")
                expect_source(lab, FAILING_CELL, REPAIRED)
                rounds.append(lab.page.evaluate("() => { window.stopListening(); return window.took; }"))
                lab.wait_until_ready()
    rows = []
    for name, (first, then) in STEPS.items():
        took = [(one[then] - one[first]) / 1e3 for one in rounds]
        rows.append([name, ms(took[0]), ms(statistics.median(took[1:])), ms(max(took[1:])), len(took) - 1])
    table(["in JupyterLab", "first time", "then, median", "longest", "runs"], rows)
