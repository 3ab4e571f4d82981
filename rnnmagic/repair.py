"""Carry out a fix in the kernel: rebind variables, never change one in place; and take it back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from rnnmagic.front import is_graded
from rnnmagic.language import say
from rnnmagic.ops import Op
from rnnmagic.report import Applied, Fix, FixError, Shape
from rnnmagic.values import describe


class KernelRepairer:
    """Applies the fixes of one report to one kernel's variables. Any thread may call it.

    Parameters
    ----------
    namespace
        The kernel's variables.
    jobs
        For each fix id, the variables that it rebinds, with the operation and the shape and
        element type that the variable had when the report was made.
    rebuild
        Makes a fix anew with other parameters; touches no framework.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        jobs: dict[str, dict[str, tuple[Op, Shape | None, str | None]]],
        rebuild: Callable[
            [Fix, Mapping[str, Any]], tuple[Fix, dict[str, tuple[Op, Shape | None, str | None]]]
        ],
    ) -> None:
        self._namespace, self._jobs, self._rebuild = namespace, jobs, rebuild
        self._lock = threading.RLock()
        self._saved: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self.applied: str | None = None
        """Id of the fix that is in force."""

    def apply(self, fix: Fix) -> Applied:
        if is_graded():
            raise FixError(
                say("nbgrader runs this notebook, and grades what the cells say: nothing is repaired.")
            )
        with self._lock:
            if self.applied is not None:
                raise FixError(say("A fix has been applied already. Undo it first."))
            jobs = self._jobs.get(fix.id, {})
            if not jobs:
                return Applied(
                    fix,
                    (),
                    say(
                        "This fix changes code, not data: insert the repaired source with %rnnfix and run it."
                    ),
                )
            new: dict[str, Any] = {}
            for name, (op, shape, dtype) in jobs.items():
                if name not in self._namespace:
                    raise FixError(say("{name} is no longer there.", name=name))
                described = describe(self._namespace[name])
                if (described.shape, described.dtype) != (shape, dtype):
                    raise FixError(
                        say("{name} has changed since the report was made. Run the cell again.", name=name)
                    )
                try:
                    new[name] = op.apply(self._namespace[name])
                except Exception as error:
                    raise FixError(
                        say("{name} could not be changed: {error}", name=name, error=error)
                    ) from error
            self._saved = {name: self._namespace[name] for name in new}
            self._given = new
            self._namespace.update(new)
            self.applied = fix.id
            names = tuple(new)
            told = ", ".join(_told(name, value) for name, value in new.items())
            return Applied(fix, names, say("{told}. Run the cell again.", told=told))

    def undo(self) -> tuple[str, ...]:
        with self._lock:
            if self.applied is None:
                raise FixError(say("There is nothing to undo: no fix has been applied."))
            changed = [name for name, value in self._given.items() if self._namespace.get(name) is not value]
            if changed:
                self._clear()
                raise FixError(
                    say("{names} has been changed since; nothing was undone.", names=", ".join(changed))
                )
            self._namespace.update(self._saved)
            names = tuple(self._saved)
            self._clear()
            return names

    def adjust(self, fix: Fix, values: Mapping[str, Any]) -> Fix:
        with self._lock:
            known = fix.parameters or {}
            for name, value in values.items():
                if name not in known:
                    raise FixError(say("This fix has no parameter {name}.", name=repr(name)))
                if value not in known[name].choices:
                    choices = ", ".join(str(choice) for choice in known[name].choices)
                    raise FixError(
                        say(
                            "{name} can be {choices}, not {value}.",
                            name=name,
                            choices=choices,
                            value=repr(value),
                        )
                    )
            if self.applied == fix.id:
                raise FixError(say("This fix is applied. Undo it first."))
            merged = {name: parameter.value for name, parameter in known.items()} | dict(values)
            new, jobs = self._rebuild(fix, merged)
            self._jobs[new.id] = jobs
            return new

    def _clear(self) -> None:
        self._saved, self._given, self.applied = {}, {}, None


def _told(name: str, value: Any) -> str:
    shape = describe(value).shape
    if shape is None:
        return say("{name} is now changed", name=name)
    return say("{name} is now {shape}", name=name, shape=f"({', '.join(map(str, shape))})")
