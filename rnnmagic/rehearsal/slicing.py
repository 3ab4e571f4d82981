"""Choose which statements of the repaired cells must be run again, and from which values.

A variable's *chain* at a point is the statement that defined it last and those that changed it in
place since. Where the chain that the repaired cells ask for is the chain that really ran, the live
value is the right one; else the chain is run again.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from rnnmagic.rehearsal.names import Body, Names, names_of
from rnnmagic.rehearsal.verdict import Script


@dataclass(eq=False)
class Statement:
    """A top-level statement of a cell. Compared by identity."""

    node: ast.stmt
    names: Names
    executed: bool
    edited: bool = False
    last: bool = False
    """The failing statement: the first that did not run to its end."""
    in_scripts: bool = True
    touches: set[str] = field(default_factory=set)
    """Everything it changes: by itself or through functions it calls."""
    needs: set[str] = field(default_factory=set)


@dataclass
class Step:
    """A statement to run, and the names it takes from the live namespace."""

    statement: Statement
    live: set[str]
    lost: set[str]
    """Names whose right value can be had neither from the namespace nor from the cells."""


@dataclass
class Plan:
    steps: list[Step]
    repeats: tuple[str, ...] = ()


class CannotParseError(ValueError):
    """A cell's text is not Python."""


@lru_cache(maxsize=256)
def _statements(text: str) -> tuple[tuple[ast.stmt, str, Names], ...]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise CannotParseError(str(error)) from error
    return tuple((node, ast.dump(node), names_of(node)) for node in tree.body)


def plan(
    scripts: list[Script],
    earlier: list[str],
    *,
    is_model: Callable[[str], bool],
    from_notebook: Callable[[str], bool],
) -> Plan:
    """The statements to run, in order.

    `is_model` tells whether a live variable is a Keras model, `from_notebook` whether it is code, or
    an instance of code, that the notebook defined: such code reads the live namespace, and so must
    be defined anew before it can be run in a copy.

    Raises
    ------
    CannotParseError
        One of `scripts` is not Python. (An older cell that is not is left out.)
    """
    after, live = _sequences(scripts, earlier)
    _close_over_calls([*live, *after], is_model)
    chains = _Chains(after, live)
    changed = _changed(after, live, chains)
    needed = _needed(changed, chains, from_notebook)
    steps = []
    for statement in after:
        if statement not in needed:
            continue
        live_names: set[str] = set()
        lost: set[str] = set()
        for name in statement.needs:
            chain = chains.wanted(name, statement)
            if not chain and chains.now(name):
                # It came from somewhere that is not known, and has been changed since.
                lost.add(name)
            elif needed.isdisjoint(chain):
                live_names.add(name)
        steps.append(Step(statement, live_names, lost))
    return Plan(steps, _repeats(after))


def _sequences(scripts: list[Script], earlier: list[str]) -> tuple[list[Statement], list[Statement]]:
    """All statements as the repaired notebook has them, and as they really ran."""
    after: list[Statement] = []
    for text in earlier:
        try:
            rows = _statements(text)
        except CannotParseError:
            continue
        after.extend(Statement(node, names, True, in_scripts=False) for node, _, names in rows)
    live = list(after)
    for script in scripts:
        old, new = _statements(script.before), _statements(script.after)
        line = script.executed_lines
        done = [line is None or node.lineno < line for node, _, _ in old]
        kept: dict[int, Statement] = {}
        was = [Statement(node, names, ran) for (node, _, names), ran in zip(old, done, strict=True)]
        matcher = difflib.SequenceMatcher(None, [r[1] for r in old], [r[1] for r in new], autojunk=False)
        for block in matcher.get_matching_blocks():
            for k in range(block.size):
                kept[block.b + k] = was[block.a + k]
        unfinished = next((s for s in was if not s.executed), None)
        if unfinished is not None:
            unfinished.last = True
        for index, (node, _, names) in enumerate(new):
            after.append(kept.get(index) or Statement(node, names, False, edited=True))
        live.extend(s for s in was if s.executed or s is unfinished)
    return after, live


def _close_over_calls(statements: list[Statement], is_model: Callable[[str], bool]) -> None:
    """Add what the notebook's own functions read and change when they are called."""
    bodies: dict[str, Body] = {}
    methods: dict[str, bool] = {}
    for statement in statements:
        body = statement.names.body
        if body is None:
            continue
        for name in statement.names.defines:
            known = bodies.setdefault(name, Body(parameters=body.parameters))
            known.reads |= body.reads
            known.mutates |= body.mutates
            known.changed |= body.changed
        for method, changes in body.methods.items():
            methods[method] = methods.get(method, False) or changes
    for statement in dict.fromkeys(statements):
        names = statement.names
        needs, pending = set(), [*names.reads, *names.mutates]
        touches = names.defines | names.maybe | names.mutates
        touches |= {name for name in names.fits if not is_model(name)}
        if names.body is None:
            # A definition only names what its body will read once it is called.
            while pending:
                name = pending.pop()
                if name in needs:
                    continue
                needs.add(name)
                if name in bodies:
                    pending.extend(bodies[name].reads | bodies[name].mutates)
                    touches |= bodies[name].mutates
        else:
            needs = set(pending)
        for function, positional, named in names.calls:
            called = bodies.get(function)
            if called is None or not called.changed:
                continue
            pairs = zip(called.parameters, positional, strict=False)
            given = {p: name for p, name in pairs if name} | named
            touches |= {given[p] for p in called.changed if p in given}
            if len(positional) > len(called.parameters):
                touches.update(filter(None, positional))
        touches |= {root for root, method in names.method_calls if methods.get(method) and not is_model(root)}
        statement.needs, statement.touches = needs, touches


class _Chains:
    def __init__(self, after: list[Statement], live: list[Statement]) -> None:
        self._after, self._live = _by_name(after), _by_name(live, really=True)
        self._place = {statement: index for index, statement in enumerate(after)}
        self._place_live = {statement: index for index, statement in enumerate(live)}

    def wanted(self, name: str, statement: Statement) -> list[Statement]:
        """The chain that `statement` of the repaired cells asks for, oldest first."""
        return _chain(self._after.get(name, []), name, self._place[statement])

    def had(self, name: str, statement: Statement) -> list[Statement]:
        """The chain there was when `statement` ran."""
        return _chain(self._live.get(name, []), name, self._place_live[statement])

    def now(self, name: str) -> list[Statement]:
        """The chain that made the live value."""
        return _chain(self._live.get(name, []), name, None)


def _by_name(statements: list[Statement], *, really: bool = False) -> dict[str, list[tuple[int, Statement]]]:
    found: dict[str, list[tuple[int, Statement]]] = {}
    for index, statement in enumerate(statements):
        touches = statement.touches
        if really and not statement.executed and isinstance(statement.node, (ast.Assign, ast.AnnAssign)):
            # It raised before it came to assign.
            touches = touches - statement.names.defines
        elif really and not statement.executed and isinstance(statement.node, ast.AugAssign):
            touches = set()
        for name in touches:
            found.setdefault(name, []).append((index, statement))
    return found


def _chain(touching: list[tuple[int, Statement]], name: str, end: int | None) -> list[Statement]:
    chain: list[Statement] = []
    for index, statement in reversed(touching):
        if end is not None and index >= end:
            continue
        chain.append(statement)
        if name in statement.names.defines:
            break
    chain.reverse()
    return chain


def _changed(after: list[Statement], live: list[Statement], chains: _Chains) -> set[Statement]:
    """Statements that are new, did not finish, or would now read something else than they did."""
    ran = set(live)
    changed: set[Statement] = set()
    for statement in after:
        if not statement.in_scripts:
            continue
        if statement.edited or not statement.executed or statement not in ran:
            changed.add(statement)
            continue
        for name in statement.needs:
            chain = chains.wanted(name, statement)
            if chain != chains.had(name, statement) or not changed.isdisjoint(chain):
                changed.add(statement)
                break
    return changed


def _needed(changed: set[Statement], chains: _Chains, from_notebook: Callable[[str], bool]) -> set[Statement]:
    needed, pending = set(changed), list(changed)
    while pending:
        statement = pending.pop()
        for name in statement.needs:
            chain = chains.wanted(name, statement)
            if needed.isdisjoint(chain) and chain == chains.now(name) and not (from_notebook(name) and chain):
                continue
            new = [member for member in chain if member not in needed]
            needed.update(new)
            pending.extend(new)
            if new:
                # Someone who took the live value of this name may now have to take the new one.
                pending.extend(s for s in needed if name in s.needs)
    return needed


def _repeats(after: list[Statement]) -> tuple[str, ...]:
    """Names that the cells change before they define them."""
    defined: set[str] = set()
    found: dict[str, None] = {}
    for statement in after:
        if not statement.in_scripts:
            continue
        names = statement.names
        for name in sorted(statement.touches):
            again = name in names.mutates or (name in names.defines and name in names.reads)
            if again and name not in defined and names.body is None:
                found[name] = None
        defined |= names.defines
    return tuple(found)
