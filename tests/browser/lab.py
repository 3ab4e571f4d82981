"""A real JupyterLab or Notebook 7 server for tests, and a page of it in a real browser."""

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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

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

# The notebook in view. The shell's current widget is null for a moment while the layout is restored.
PANEL = """() => [...(window.jupyterapp?.shell?.widgets('main') ?? [])]
    .find(widget => widget.sessionContext && widget.content?.widgets && widget.isVisible)"""

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


# The module that serves each application, the class that its settings go by, and its notebook pages.
APPLICATIONS = {
    # A workspace of its own for each notebook: no other is opened again beside it.
    "lab": ("jupyterlab", "LabApp", "lab/workspaces/{stem}/tree/{name}"),
    "notebook": ("notebook", "JupyterNotebookApp", "notebooks/{name}"),
}


@dataclass
class Lab:
    """A running JupyterLab or Notebook, and a page of it."""

    url: str
    token: str
    page: Page
    app: str = "lab"

    def open(self, notebook: str) -> None:
        """Open a notebook of the server's folder and wait until its kernel can run cells."""
        path = APPLICATIONS[self.app][2].format(name=notebook, stem=Path(notebook).stem)
        self.page.goto(f"{self.url}/{path}?token={self.token}")
        self.wait_until_ready()

    def reload(self) -> None:
        """Reload the page; the kernel goes on."""
        self.page.reload()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not self._is_ready():
            assert time.monotonic() < deadline, "the notebook does not get a kernel"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            return bool(self.page.evaluate(READY))
        except Error:  # the page moved on while it was asked
            return False

    def another_tab(self) -> Lab:
        """A second tab of the same browser on this server."""
        return replace(self, page=self.page.context.new_page())

    def activate(self, index: int) -> None:
        """Make a cell the active one."""
        self._in_panel(
            """(panel, index) => {
                window.jupyterapp.shell.activateById(panel.id);
                panel.content.activeCellIndex = index;
            }""",
            index,
        )

    def command(self, name: str) -> Any:
        """Execute one of the application's commands, and wait for its end."""
        return self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run(self, index: int) -> None:
        """Run one cell, by its place in the notebook, and wait for its end."""
        self.activate(index)
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:run-cell') }")

    def start(self, index: int) -> None:
        """Start one cell without waiting for its end."""
        self.activate(index)
        self.page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell') }")

    def set_metadata(self, index: int, key: str, value: Any) -> None:
        self._in_panel(
            "(panel, [index, key, value]) => {"
            " panel.content.widgets[index].model.sharedModel.setMetadata(key, value) }",
            [index, key, value],
        )

    def delete(self, index: int) -> None:
        self._in_panel("(panel, index) => { panel.content.model.sharedModel.deleteCell(index) }", index)

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

    def saved(self, index: int) -> Any:
        """The outputs of a cell as they would be written into the notebook."""
        return self._in_panel("(panel, index) => panel.content.widgets[index].model.outputs.toJSON()", index)

    def cell(self, index: int) -> Any:
        """Playwright's locator of one cell of the notebook in view."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-cell").nth(index)

    def output(self, index: int) -> Any:
        """Playwright's locator of the outputs of one cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")


@contextmanager
def running_lab(
    folder: Path,
    home: Path,
    chromium: str,
    app: str = "lab",
    settings: dict[str, Any] | None = None,
    kernels: dict[str, str] | None = None,
) -> Iterator[Lab]:
    """An application on `folder`, with nothing of the user's own settings, and a browser page for it.

    `settings` are those of the extension, as the user would set them. `kernels` are further kernels
    by name, each with Python code that runs before its kernel starts.
    """
    module, config_class, _ = APPLICATIONS[app]
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
    if settings:
        plugin = home / "settings" / "rnnmagic"
        plugin.mkdir(parents=True)
        (plugin / "plugin.jupyterlab-settings").write_text(json.dumps(settings))
    for name, code in (kernels or {}).items():
        spec = home / "data" / "kernels" / name
        spec.mkdir(parents=True)
        launch = f"{code}\nfrom ipykernel import kernelapp; kernelapp.launch_new_instance()"
        argv = [sys.executable, "-c", launch, "-f", "{connection_file}"]
        (spec / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": name, "language": "python"})
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
                sys.executable, "-m", module, "--no-browser", "--ip=127.0.0.1", f"--port={port}",
                "--allow-root", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={folder}", f"--{config_class}.expose_app_in_browser=True",
                "--LabApp.extension_manager=readonly",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            env={**os.environ, **{name: str(home / path) for name, path in own.items()}},
            stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(f"{url}/api/status?token={token}", server, log)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
            try:
                page = browser.new_context(viewport={"width": 1280, "height": 1600}).new_page()
                yield Lab(url, token, page, app)
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
                raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.2)
