"""rnnmagic: finds, explains and repairs shape errors of recurrent networks in a notebook.

`%load_ext rnnmagic` adds `%%rnncheck`, `%rnncheck`, `%rnnshapes` and `%rnnfix`. Loading imports
no TensorFlow, no Keras and no ipywidgets; they are used when the notebook has them anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnmagic.report import Report

if TYPE_CHECKING:
    from rnnmagic.expectation import ExpectationError, expect
    from rnnmagic.preflight import ShapeError

__all__ = [
    "ExpectationError",
    "Report",
    "ShapeError",
    "__version__",
    "expect",
    "last_report",
    "load_ipython_extension",
    "unload_ipython_extension",
]

__version__ = "0.1.0"


def last_report() -> Report | None:
    """The report of the latest checked cell; `None` before the first."""
    from rnnmagic import extension

    return extension.last_report()


def __getattr__(name: str) -> Any:
    """What a notebook seldom needs is imported when it is asked for."""
    if name in ("ExpectationError", "expect"):
        from rnnmagic import expectation

        return getattr(expectation, name)
    if name == "ShapeError":
        from rnnmagic.preflight import ShapeError

        return ShapeError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext rnnmagic`."""
    from rnnmagic import extension

    extension.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Called by `%unload_ext rnnmagic`: removes all that loading added."""
    from rnnmagic import extension

    extension.unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab's tools find the built extension."""
    return [{"src": "labextension", "dest": "rnnmagic"}]
