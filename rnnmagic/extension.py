"""Puts rnnmagic into a shell and takes it out again."""

from __future__ import annotations

from typing import Any

from rnnmagic import language
from rnnmagic.execution import Checker
from rnnmagic.magics import COMPLETED, RnnMagics, cell_options, complete
from rnnmagic.report import Report
from rnnmagic.settings import RnnCheck

_checker: Checker | None = None


def load(shell: Any) -> None:
    """Register magics, settings, completion and the checker. Loading twice is loading once."""
    global _checker
    if _checker is not None:
        unload(_checker.shell)
    settings = RnnCheck(parent=shell)
    _speak(settings)
    shell.configurables.append(settings)
    checker = Checker(shell, settings, cell_options)
    shell.register_magics(RnnMagics(shell, checker))
    for command in COMPLETED:
        shell.set_hook("complete_command", complete, str_key=command)
    checker.register()
    _checker = checker
    if getattr(shell, "kernel", None) is not None:
        from rnnmagic.lab import Lab

        checker.lab = Lab(shell, checker.switch, lambda: checker.on, checker.classroom.tighten)
        checker.lab.open()


def _speak(settings: RnnCheck) -> None:
    """The language of the setting from now on; a copy of the settings for one cell changes nothing."""
    language.choose(settings.language)
    language.use(None)
    settings.observe(lambda change: language.choose(change["new"]), "language")


def unload(shell: Any) -> None:
    """Take back all that `load` did; harmless when nothing is loaded."""
    global _checker
    if _checker is None or _checker.shell is not shell:
        return
    checker, _checker = _checker, None
    checker.unregister()
    if checker.lab is not None:
        checker.lab.close()
        checker.lab = None
    # IPython notes the magics there as well, and with them the reports that they lead to.
    shell.configurables[:] = [
        one for one in shell.configurables if one is not checker.settings and not isinstance(one, RnnMagics)
    ]
    manager = shell.magics_manager
    for kind in ("line", "cell"):
        magics = manager.magics[kind]
        for name in [n for n, m in magics.items() if isinstance(getattr(m, "__self__", None), RnnMagics)]:
            del magics[name]
    manager.registry.pop(RnnMagics.__name__, None)
    hooks = shell.strdispatchers.get("complete_command")
    for command in COMPLETED:
        getattr(hooks, "strs", {}).pop(command, None)


def checker() -> Checker | None:
    """The checker of the loaded extension."""
    return _checker


def last_report() -> Report | None:
    """The report of the latest checked cell; `None` before the first, or when not loaded."""
    return None if _checker is None else _checker.report
