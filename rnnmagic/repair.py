"""Carry out a fix in the kernel: rebind variables, never change one in place; and take it back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from rnnmagic.endings import shielded
from rnnmagic.front import is_graded
from rnnmagic.interrupts import Shield, may_be_stopped
from rnnmagic.language import say
from rnnmagic.ops import Op
from rnnmagic.report import Applied, Fix, FixError, Shape
from rnnmagic.trouble import safe_text
from rnnmagic.values import class_name, describe

_alive: WeakSet[KernelRepairer] = WeakSet()


def let_go() -> None:
    """After a cell: keep no object that the user has let go of, by `del` or by another value."""
    for repairer in list(_alive):
        repairer.let_go()


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
        Makes a fix anew with other parameters; touches no framework. It may hold the user's objects.
    outdated
        Names a variable that `rebuild` holds and the kernel does not; `None` when there is none.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        jobs: dict[str, dict[str, tuple[Op, Shape | None, str | None]]],
        rebuild: Callable[
            [Fix, Mapping[str, Any]], tuple[Fix, dict[str, tuple[Op, Shape | None, str | None]]]
        ],
        outdated: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._namespace, self._jobs = namespace, jobs
        self._rebuild: (
            Callable[[Fix, Mapping[str, Any]], tuple[Fix, dict[str, tuple[Op, Shape | None, str | None]]]]
            | None
        ) = rebuild
        self._outdated = outdated
        self._changed: str | None = None
        """The variable for which `rebuild` was given up."""
        self._lock = threading.RLock()
        self._saved: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self.applied: str | None = None
        """Id of the fix that is in force."""
        self._lost: list[str] = []
        """Variables that were changed after the fix, so that it was given up."""
        _alive.add(self)

    def apply(self, fix: Fix) -> Applied:
        if is_graded():
            raise FixError(
                say("nbgrader runs this notebook, and grades what the cells say: nothing is repaired.")
            )
        with Shield("later"), self._lock:
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
                    new[name] = _repaired(op, self._namespace[name])
                except (Exception, SystemExit, GeneratorExit) as error:
                    told = say("{name} could not be changed: {error}", name=name, error=safe_text(error))
                    raise FixError(told) from error
            self._saved = {name: self._namespace[name] for name in new}
            self._given = new
            self._namespace.update(new)
            self.applied, self._lost = fix.id, []
            names = tuple(new)
            told = ", ".join(_told(name, value) for name, value in new.items())
            return Applied(fix, names, say("{told}. Run the cell again.", told=told))

    @shielded
    def undo(self) -> tuple[str, ...]:
        with Shield("later"), self._lock:
            self.let_go()
            if self._lost:
                names, self._lost = ", ".join(self._lost), []
                raise FixError(say("{names} has been changed since; nothing was undone.", names=names))
            if self.applied is None:
                raise FixError(say("There is nothing to undo: no fix has been applied."))
            self._namespace.update(self._saved)
            restored = tuple(self._saved)
            self._clear()
            return restored

    def let_go(self) -> None:
        """Give an applied fix up once a variable of it was changed since: keep none of the user's objects."""
        with self._lock:
            changed = [name for name, value in self._given.items() if self._namespace.get(name) is not value]
            if changed:
                self._clear()
                self._lost = changed
            if self.applied is None and self._rebuild is not None:
                self._changed = self._outdated()
                if self._changed is not None:
                    self._rebuild, self._outdated = None, lambda: None

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
            if self._rebuild is None:
                told = say(
                    "{name} has changed since the report was made. Run the cell again.", name=self._changed
                )
                raise FixError(told)
            merged = {name: parameter.value for name, parameter in known.items()} | dict(values)
            new, jobs = self._rebuild(fix, merged)
            self._jobs[new.id] = jobs
            return new

    def _clear(self) -> None:
        self._saved, self._given, self.applied = {}, {}, None


@may_be_stopped
def _repaired(op: Op, value: Any) -> Any:
    """The value after the operation.

    Raises
    ------
    TypeError
        It is no data any more: an object of the user's may answer anything when it is reshaped.
    """
    new = op.apply(value)
    if describe(new).carrier == "scalar":
        raise TypeError(f"it became {class_name(new)}")
    return new


def _told(name: str, value: Any) -> str:
    shape = describe(value).shape
    if shape is None:
        return say("{name} is now changed", name=name)
    return say("{name} is now {shape}", name=name, shape=f"({', '.join(map(str, shape))})")
