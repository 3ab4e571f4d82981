"""Is anybody in front of the kernel? A grader, nbconvert or papermill runs cells for nobody.

nbclient, which all of them use, says of each cell that nobody can answer a question
(`allow_stdin` is false in the request); JupyterLab, Notebook, VS Code and the consoles say that
somebody can. nbgrader says so in the environment as well.
"""

from __future__ import annotations

import os
from typing import Any

GRADER = "NBGRADER_EXECUTION"
"""Set by nbgrader to `autograde` or `validate` while it runs a notebook."""


def is_graded() -> bool:
    """Whether nbgrader runs this notebook."""
    return bool(os.environ.get(GRADER))


def is_attended(shell: Any) -> bool:
    """Whether a front end shows the cell under way to somebody who could click.

    True where that cannot be told: outside of a kernel, before the first cell, in a kernel of
    another make. A silent request is a front end's own question (the lab extension's, say), whose
    answer nobody would see typed in.
    """
    if is_graded():
        return False
    try:
        content = shell.kernel.get_parent()["content"]
        return content.get("allow_stdin") is not False or content.get("silent") is True
    except Exception:
        return True
