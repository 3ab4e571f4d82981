"""A real JupyterLab server for tests, and a page of it in a real browser."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

START_LIMIT_S = 90
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The open notebook. The shell's current widget is null for a moment while the layout is restored.
PANEL = """() => [...(window.jupyterapp?.shell?.widgets('main') ?? [])]
    .find(widget => widget.sessionContext && widget.content?.widgets)"""

# A key press or a run gets lost when the page only looks ready.
READY = f"""async () => {{
    const app = window.jupyterapp;
    if (!app) return false;
    await app.restored;
    const panel = ({PANEL})();
    if (!panel) return false;
    await panel.context.ready;
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session?.kernel;
    if (!kernel) return false;
    await kernel.info;
    return kernel.status === 'idle' && kernel.connectionStatus === 'connected';
}}"""


@dataclass
class Lab:
    """A running JupyterLab and a page of it."""

    url: str
    token: str
    page: Page

    def open(self, notebook: str) -> None:
        """Open a notebook of the server's folder and wait until its kernel can run cells."""
        self.page.goto(f"{self.url}/lab/tree/{notebook}?token={self.token}")
        deadline = time.monotonic() + START_LIMIT_S
        while not self.page.evaluate(READY):
            assert time.monotonic() < deadline, f"{notebook} does not get a kernel"
            time.sleep(0.1)

    def run(self, index: int) -> None:
        """Run one cell, by its place in the notebook, and wait for its end."""
        self._in_panel(
            """async (panel, index) => {
                window.jupyterapp.shell.activateById(panel.id);
                panel.content.activeCellIndex = index;
                await window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def cells(self) -> list[dict[str, Any]]:
        """The cells as the page holds them: `id`, `type`, `source`, `tags`."""
        found: list[dict[str, Any]] = self._in_panel(
            """panel => panel.content.widgets.map(cell => ({
                id: cell.model.id,
                type: cell.model.type,
                source: cell.model.sharedModel.getSource(),
                tags: cell.model.sharedModel.getMetadata('tags') ?? [],
            }))"""
        )
        return found

    def add(self, index: int, source: str) -> int:
        """Insert a code cell at this place; the place."""
        self._in_panel(
            """(panel, [index, source]) => {
                panel.content.model.sharedModel.insertCell(index, {cell_type: 'code', source});
            }""",
            [index, source],
        )
        return index

    def set_source(self, index: int, source: str) -> None:
        """Type another source into a cell."""
        self._in_panel(
            """(panel, [index, source]) => {
                panel.content.widgets[index].model.sharedModel.setSource(source);
            }""",
            [index, source],
        )

    def _in_panel(self, function: str, argument: Any = None) -> Any:
        """Call a JavaScript function with the open notebook's panel and the argument."""
        return self.page.evaluate(f"argument => ({function})(({PANEL})(), argument)", argument)

    def output(self, index: int) -> Any:
        """Playwright's locator of the outputs of one cell."""
        return self.page.locator(".jp-Notebook-cell").nth(index).locator(".jp-Cell-outputArea")


@contextmanager
def running_lab(folder: Path, home: Path, chromium: str) -> Iterator[Lab]:
    """JupyterLab on `folder`, with nothing of the user's own settings, and a browser page for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    url = f"http://127.0.0.1:{port}"
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    log = home / "lab.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
                "--allow-root", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.expose_app_in_browser=True",
            ],
            env={**os.environ, **{name: str(home / path) for name, path in own.items()}},
            stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(f"{url}/api/status?token={token}", server, log)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
            try:
                page = browser.new_page(viewport={"width": 1280, "height": 1600})
                yield Lab(url, token, page)
            finally:
                browser.close()
    finally:
        # The server ends its kernels before itself when it is asked to.
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.2)
