"""The value nobody knows, and the signals by which a rehearsal gives up on something.

Both signals are `BaseException`s: a notebook's own `except Exception` must not swallow them.
"""

from __future__ import annotations

from typing import Any, NoReturn


class CannotTell(BaseException):
    """What happens next depends on something that the rehearsal does not know."""


class OutOfTime(BaseException):
    """The deadline, or the cap on steps, was reached."""


class CallFails(BaseException):
    """A call on a model was tried on shapes and does not work."""

    def __init__(self, reason: str, error: BaseException | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


class Unknown:
    """Stands for a value that was not computed.

    There are two: `UNKNOWN`, and `QUIET` for what a plot or a log gives back. What is derived from it is unknown as well; a decision that depends on it cannot be made.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "?"

    def __format__(self, _spec: str) -> str:
        return "?"

    def __hash__(self) -> int:
        return id(self)

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith("__"):
            # Protocols that others probe for (`__array_interface__`) are not there.
            raise AttributeError(name)
        return self

    def __enter__(self) -> Unknown:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def _unknown(self: Unknown, *_args: Any, **_options: Any) -> Unknown:
    return self


def _refuse(_self: Unknown, *_args: Any, **_options: Any) -> NoReturn:
    raise CannotTell("a value that is not known")


_DERIVED = (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul "
    "and rand or ror xor rxor lshift rlshift rshift rrshift neg pos abs invert eq ne lt le gt ge "
    "getitem call iadd isub imul itruediv ifloordiv imod ipow imatmul round"
)
_DECIDED = "bool iter next len index int float complex contains array setitem delitem"
for _name in _DERIVED.split():
    setattr(Unknown, f"__{_name}__", _unknown)
for _name in _DECIDED.split():
    setattr(Unknown, f"__{_name}__", _refuse)

UNKNOWN = Unknown()
QUIET = Unknown()


def holds_unknown(value: Any, depth: int = 3) -> bool:
    """Whether the value is, or a small container in it holds, the unknown value."""
    if type(value) is Unknown:
        return True
    if depth == 0:
        return False
    kind = type(value)
    if kind in (list, tuple, set):
        return len(value) <= 200 and any(holds_unknown(item, depth - 1) for item in value)
    if kind is dict:
        return len(value) <= 200 and any(holds_unknown(item, depth - 1) for item in value.values())
    if kind is slice:
        return any(type(part) is Unknown for part in (value.start, value.stop, value.step))
    return False
