"""Rehearse repaired cells: run what has to be run again, in a copy, on shapes, without a trace."""

from __future__ import annotations

import contextlib
import threading
import time
import types
from collections.abc import Iterator
from typing import Any

from rnnmagic import frameworks
from rnnmagic.frameworks import is_layer, is_model
from rnnmagic.frameworks.base import first_line, is_of_shapes
from rnnmagic.frameworks.keraslike.sittings import sitting
from rnnmagic.frameworks.randomness import RandomState
from rnnmagic.quiet import no_warnings, silence
from rnnmagic.rehearsal.guard import Guard
from rnnmagic.rehearsal.models import may_call_models
from rnnmagic.rehearsal.names import root_of
from rnnmagic.rehearsal.safety import family, top_module
from rnnmagic.rehearsal.slicing import CannotParseError, Plan, Statement, Step, plan
from rnnmagic.rehearsal.transform import GUARD, UnsupportedError, instrument
from rnnmagic.rehearsal.unknown import UNKNOWN, CallFails, CannotTell, OutOfTime
from rnnmagic.rehearsal.verdict import Script, Verdict

_lock = threading.RLock()

SHAPE_ERRORS = (
    ValueError,
    TypeError,
    IndexError,
    NameError,
    AttributeError,
    NotImplementedError,
    ImportError,
)


def rehearse(
    scripts: list[Script],
    namespace: dict[str, Any],
    *,
    earlier: list[str] | None = None,
    deadline: float | None = None,
) -> Verdict:
    """Whether the repaired cells would run, told without running what has effects or takes long.

    Parameters
    ----------
    scripts
        The first edited cell, all that follow it, and last the checked one.
    namespace
        The kernel's variables as they are now; left as they are.
    earlier
        Python of the cells before those, oldest first.
    deadline
        A `time.perf_counter()` value after which the verdict is `unknown`.

    Raises nothing.
    """
    try:
        chosen = plan(
            scripts,
            list(earlier or []),
            is_model=lambda name: is_model(namespace.get(name)),
            from_notebook=lambda name: _from_notebook(namespace.get(name), namespace),
        )
    except CannotParseError as error:
        return Verdict("unknown", f"the repaired cell could not be read: {error}")
    copied = dict(namespace)
    guard = Guard(copied, namespace, deadline)
    copied[GUARD] = guard
    try:
        with _lock, _without_a_trace(guard), sitting():
            verdict = _Rehearsal(guard, chosen).run()
    except OutOfTime as error:
        verdict = Verdict("unknown", str(error))
    except Exception as error:
        verdict = Verdict("unknown", f"{type(error).__name__} in the rehearsal: {error}", error=error)
    verdict.calls = guard.invoker.models.tried
    verdict.repeats = chosen.repeats
    return verdict


def _from_notebook(value: Any, namespace: dict[str, Any]) -> bool:
    if top_module(type(value)) in ("tensorflow", "functools"):
        # `@tf.function`, `@lru_cache`, `partial`: what matters is the function within.
        for name in ("python_function", "__wrapped__", "func"):
            inner = getattr(value, name, None)
            if isinstance(inner, types.FunctionType):
                return inner.__globals__ is namespace
    if isinstance(value, types.FunctionType):
        inner = getattr(value, "__wrapped__", value)
        return getattr(inner, "__globals__", value.__globals__) is namespace
    home = namespace.get("__name__", "__main__")
    if isinstance(value, type):
        return bool(value.__module__ == home)
    if family(type(value)) == "torch":
        from rnnmagic.frameworks.torch_nn.origin import made_of

        return any(part is not None and part.__module__ == home for part in made_of(value))
    return bool(type(value).__module__ == home) and not is_layer(value)


class _Rehearsal:
    def __init__(self, guard: Guard, chosen: Plan) -> None:
        self.guard = guard
        self.chosen = chosen
        self.skipped: list[str] = []
        self.missed: str | None = None
        """Why a statement that had to be run, to say anything, was not."""

    def run(self) -> Verdict:
        models = self.guard.invoker.models
        for step in self.chosen.steps:
            verdict = self._step(step)
            if verdict is not None:
                verdict.skipped = tuple(self.skipped)
                return verdict
        reason = models.untried[0] if models.untried else self.missed
        status = Verdict("unknown", reason) if reason else Verdict("passes")
        status.skipped = tuple(self.skipped)
        return status

    def _step(self, step: Step) -> Verdict | None:
        guard, statement = self.guard, step.statement
        if guard.deadline is not None and time.perf_counter() > guard.deadline:
            raise OutOfTime("no time left")
        namespace = guard.namespace
        for name in step.live:
            if name in guard.home and namespace.get(name) is not guard.home[name]:
                namespace[name] = guard.home[name]
        for name in step.lost:
            namespace[name] = UNKNOWN
        guard.invoker.notes.clear()
        stand_ins = guard.invoker.models.stand_ins
        try:
            code = instrument(statement.node, guard.pieces)
            exec(code, namespace)
        except CallFails as failure:
            return Verdict("fails", failure.reason, error=failure.error)
        except (CannotTell, UnsupportedError) as why:
            self._left_out(statement, str(why))
        except Exception as error:
            return self._raised(statement, error, stand_ins > 0)
        else:
            if guard.invoker.notes:
                self._incomplete(statement, guard.invoker.notes[0])
        return None

    def _raised(self, statement: Statement, error: Exception, stood_in: bool) -> Verdict | None:
        """An error of the repaired cell, or one that only the stand-ins' values can have caused."""
        models = self.guard.invoker.models
        if type(error).__module__.startswith("torch") or type(error) in (RuntimeError, TypeError):
            from rnnmagic.rehearsal.torch_checks import is_elements_error

            if is_elements_error(error):
                self.guard.invoker.untried(first_line(error))
                self._left_out(statement, first_line(error))
                return None
        if models.stand_ins or stood_in:
            shaped = isinstance(error, (ValueError, TypeError, IndexError)) or _is_frameworks(error)
            if not shaped or isinstance(error, ZeroDivisionError):
                self._left_out(statement, f"{type(error).__name__}: {error}")
                self.missed = self.missed or f"{type(error).__name__} on stand-in values"
                return None
        elif not isinstance(error, (*SHAPE_ERRORS, AssertionError, LookupError)) and not _is_frameworks(
            error
        ):
            self._left_out(statement, f"{type(error).__name__}: {error}")
            self.missed = self.missed or first_line(error)
            return None
        if not statement.in_scripts:
            # An older cell, which did run, does not run here: that tells of the rehearsal, not of it.
            self._left_out(statement, first_line(error))
            self.missed = self.missed or first_line(error)
            return None
        return Verdict("fails", first_line(error), error=error)

    def _incomplete(self, statement: Statement, why: str) -> None:
        self.skipped.append(why)
        if statement.edited or statement.last:
            self.missed = self.missed or f"{why} was left out"

    def _left_out(self, statement: Statement, why: str) -> None:
        guard = self.guard
        self._incomplete(statement, why)
        if may_call_models(statement.node, guard.namespace):
            guard.invoker.untried(f"a statement with a call on a model was left out: {why}")
        names = statement.names
        for name in names.defines | names.maybe:
            guard.namespace[name] = UNKNOWN
        roots = {root_of(target) for target in getattr(statement.node, "targets", [])}
        for changed in (statement.touches | roots) - names.defines - names.maybe:
            if changed in guard.namespace:
                guard.taint(guard.namespace[changed])


def _is_frameworks(error: Exception) -> bool:
    """An error of TensorFlow's, or one of torch's about shapes."""
    return is_of_shapes(error) or any(base.__name__ == "OpError" for base in type(error).__mro__)


# Leaving no trace


@contextlib.contextmanager
def _without_a_trace(guard: Guard) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(no_warnings())
        stack.enter_context(silence())
        stack.enter_context(_same_randomness())
        for framework in frameworks.in_use():
            stack.enter_context(framework.sandbox())
        stack.callback(guard.invoker.models.roll_back)
        stack.callback(guard.close)
        yield


@contextlib.contextmanager
def _same_randomness() -> Iterator[None]:
    state = RandomState()
    try:
        yield
    finally:
        state.restore()
