"""Edits of the calls that made layers."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rnnmagic.cells import Cell
from rnnmagic.editor.finder import Finder, SourceEdit
from rnnmagic.source import (
    CannotEdit,
    Change,
    Unknowable,
    ancestors,
    function_of,
    parent_of,
    parse,
    text_of,
    value_of,
)

if TYPE_CHECKING:
    from rnnmagic.modelsource import CallSite


class LayerEdits(Finder):
    """By live layer."""

    def set_argument(self, layer: Any, name: str, text: str) -> SourceEdit:
        from rnnmagic.modelsource import set_argument
        from rnnmagic.modelsource.parameters import passed_for

        site = self.site(layer)
        # A function that makes models stays what it is for the models made before.
        site, name = passed_for(site, name, text, self.evidence.run.cell, self.namespace) or (site, name)
        return SourceEdit(tuple(set_argument(site, name, text, self.namespace)))

    def sequences_everywhere(self, layer: Any) -> SourceEdit:
        """return_sequences=True on every recurrent layer that is made beside this one, but the last."""
        from rnnmagic.modelsource import CallSite, set_argument
        from rnnmagic.modelsource.sites import resolve

        site = self.site(layer)
        loop = self._loop(site)
        if loop is not None:
            not_last, counted = loop
            return self.combine(
                self.set_argument(layer, "return_sequences", not_last),
                SourceEdit(tuple((site.cell, change) for change in counted)),
            )
        home = function_of(site.call)
        tree = parse(site.cell.transformed)
        calls: list[tuple[ast.Call, Any]] = []
        for node in ast.walk(home or tree) if tree is not None else []:
            if isinstance(node, ast.Call) and function_of(node) is home:
                target = resolve(node.func, self.namespace)
                if isinstance(target, type) and any(base.__name__ == "RNN" for base in target.__mro__):
                    calls.append((node, target))
        calls.sort(key=lambda pair: (pair[0].lineno, pair[0].col_offset))
        if len(calls) < 3:
            raise CannotEdit("there are no further recurrent layers")
        changes: list[tuple[Cell, Change]] = []
        for call, target in calls[:-1]:
            changes += set_argument(
                CallSite(site.cell, call, target), "return_sequences", "True", self.namespace
            )
        return SourceEdit(tuple(changes))

    def _loop(self, site: CallSite) -> tuple[str, tuple[Change, ...]] | None:
        """For a layer made in a loop: whether it is not the last, `k < depth - 1`, and how to count the loop."""
        loop = next((step for step in ancestors(site.call) if isinstance(step, ast.For)), None)
        if loop is None or not isinstance(loop.target, ast.Name):
            return None
        over, name = loop.iter, loop.target.id
        if isinstance(over, ast.Call):
            if getattr(over.func, "id", "") != "range" or not 1 <= len(over.args) <= 2:
                return None
            return f"{name} < {ast.unparse(over.args[-1])} - 1", ()
        if isinstance(over, (ast.Tuple, ast.List)):
            # `for units in (16, 8)`: the last one is told by its value, when no other has the same.
            told = [ast.unparse(item) for item in over.elts if isinstance(item, ast.Constant)]
            if len(told) == len(over.elts) == len(set(told)) and len(told) > 1:
                return f"{name} != {told[-1]}", ()
            length = str(len(over.elts))
        elif isinstance(over, (ast.Name, ast.Attribute)):
            length = f"len({ast.unparse(over)})"
        else:
            return None
        function = function_of(site.call)
        home = function or parse(site.cell.transformed)
        taken = (
            {node.id for node in ast.walk(home) if isinstance(node, ast.Name)} if home is not None else set()
        )
        if function is None:
            # At the cell's own level the name would be the kernel's.
            taken |= set(self.namespace)
        count = next((one for one in ("i", "k", "place", "number_of_layer") if one not in taken), None)
        if count is None:
            return None
        return f"{count} < {length} - 1", (
            Change.replacing(loop.target, f"{count}, {name}"),
            Change.replacing(over, f"enumerate({text_of(site.cell, over)})"),
        )

    def remove_argument(self, layer: Any, name: str) -> SourceEdit:
        from rnnmagic.modelsource import remove_keyword

        return SourceEdit(tuple(remove_keyword(self.site(layer), name, self.namespace)))

    def drop_sequences(self, rnn: Any) -> SourceEdit:
        """return_sequences=False, or the keyword taken out where it is written."""
        inner = getattr(rnn, "forward_layer", None) or rnn
        return self.set_argument(inner, "return_sequences", "False")

    def insert_before(self, layer: Any, cls: str, arguments: str) -> SourceEdit:
        """Insert a layer `cls(arguments)`; `{Flatten}` in the arguments is spelt as here."""
        from rnnmagic.modelsource import insert_layer_before

        return self._insert(layer, cls, arguments, insert_layer_before)

    def insert_after(self, layer: Any, cls: str, arguments: str) -> SourceEdit:
        from rnnmagic.modelsource import insert_layer_after

        return self._insert(layer, cls, arguments, insert_layer_after)

    def _insert(self, layer: Any, cls: str, arguments: str, how: Any) -> SourceEdit:
        from rnnmagic.modelsource import add_import, needs_import, spell

        site = self.site(layer)
        inside = re.sub(r"\{(\w+)\}", lambda m: spell(m[1], site, self.namespace), arguments)
        text = f"{spell(cls, site, self.namespace)}{inside}"
        changes = list(how(site, text))
        line = needs_import(text, self.namespace)
        if line is not None:
            changes.append((changes[0][0], add_import(changes[0][0], line)))
        return SourceEdit(tuple(changes))

    def replace_layer(self, layer: Any, cls: str, arguments: str) -> SourceEdit:
        """Another layer, `cls(arguments)`, in the place of this one."""
        from rnnmagic.modelsource import add_import, needs_import, spell

        site = self.site(layer)
        text = f"{spell(cls, site, self.namespace)}{arguments}"
        changes = [(site.cell, Change.replacing(site.call, text))]
        line = needs_import(text, self.namespace)
        if line is not None:
            changes.append((site.cell, add_import(site.cell, line)))
        return SourceEdit(tuple(changes))

    def resize(self, layer: Any, old: int, new: int) -> SourceEdit:
        """Another size where the call that made the layer is passed this one, once."""
        site = self.site(layer)
        nodes = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
        found = []
        for node in nodes:
            with contextlib.suppress(Unknowable):
                if type(value := value_of(node, self.namespace)) is int and value == old:
                    found.append(node)
        if len(found) != 1:
            raise CannotEdit("the size is not an argument of its own")
        return SourceEdit(((site.cell, Change.replacing(found[0], str(new))),))

    def unwrap(self, wrapper: Any) -> SourceEdit:
        """`TimeDistributed(Dense(5))` becomes `Dense(5)`."""
        site = self.site(wrapper)
        inner = (
            site.call.args[0]
            if site.call.args
            else next((k.value for k in site.call.keywords if k.arg == "layer"), None)
        )
        if inner is None:
            raise CannotEdit("the wrapped layer is not written in the call")
        return SourceEdit(((site.cell, Change.replacing(site.call, text_of(site.cell, inner))),))

    def remove(self, layer: Any) -> SourceEdit:
        from rnnmagic.modelsource import remove_layer

        return SourceEdit(tuple(remove_layer(self.site(layer))))

    def fit_states(self, layer: Any, count: int, given: int) -> SourceEdit:
        """Pass `count` of `given` states to a recurrent layer: one of two, or the same one twice.

        One too many is taken for the layer's output, which stands before its states.
        """
        site = self.site(layer)
        for cell, use in ((site.cell, parent_of(site.call)), *site.uses):
            if not isinstance(use, ast.Call):
                continue
            for keyword in use.keywords:
                if keyword.arg == "initial_state" and isinstance(keyword.value, (ast.List, ast.Tuple)):
                    items = [ast.unparse(item) for item in keyword.value.elts]
                    if len(items) > count:
                        kept = items[-count:] if len(items) == count + 1 > 2 else items[:count]
                        text = kept[0] if count == 1 else f"[{', '.join(kept)}]"
                    else:
                        text = f"[{', '.join([*items, *[items[-1]] * (count - len(items))])}]"
                    return SourceEdit(((cell, Change.replacing(keyword.value, text)),))
                if keyword.arg == "initial_state" and given == 1 and count == 2:
                    state = ast.unparse(keyword.value)
                    return SourceEdit(((cell, Change.replacing(keyword.value, f"[{state}, {state}]")),))
                if keyword.arg == "initial_state" and given > count > 1:
                    part = f"[-{count}:]" if given == count + 1 else f"[:{count}]"
                    text = f"{ast.unparse(keyword.value)}{part}"
                    return SourceEdit(((cell, Change.replacing(keyword.value, text)),))
        raise CannotEdit("the initial state is not written out")

    def adapt_reshaped(self, layer: Any, shape: str) -> SourceEdit:
        """`norm.adapt(X)` with X reshaped."""
        from rnnmagic.ops.base import atom

        return self._adapted(layer, lambda text: f"{atom(text)}.reshape({shape})")

    def adapt_to(self, layer: Any, array: str) -> SourceEdit:
        """`norm.adapt(X)` with another array."""
        return self._adapted(layer, lambda text: array)

    def _adapted(self, layer: Any, new: Callable[[str], str]) -> SourceEdit:
        for cell in reversed(list(self.evidence.run.log)):
            tree = parse(cell.transformed)
            for node in ast.walk(tree) if tree is not None else ():
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                    continue
                owner = node.func.value
                held = self.namespace.get(owner.id) if isinstance(owner, ast.Name) else None
                if node.func.attr == "adapt" and held is layer:
                    array = node.args[0]
                    return SourceEdit(((cell, Change.replacing(array, new(text_of(cell, array)))),))
        raise CannotEdit("the call of adapt was not found")

    def double_states(self, layer: Any, count: int) -> SourceEdit:
        """Pass the `count` states that a Bidirectional is given to each of its two directions."""
        site = self.site(layer)
        for cell, use in ((site.cell, parent_of(site.call)), *site.uses):
            for keyword in use.keywords if isinstance(use, ast.Call) else ():
                if keyword.arg != "initial_state":
                    continue
                given = ast.unparse(keyword.value)
                if isinstance(keyword.value, (ast.List, ast.Tuple)) and len(keyword.value.elts) == count:
                    items = [ast.unparse(item) for item in keyword.value.elts]
                    text = f"[{', '.join([*items, *items])}]"
                else:
                    text = f"[{given}, {given}]" if count == 1 else f"[*{given}, *{given}]"
                return SourceEdit(((cell, Change.replacing(keyword.value, text)),))
        raise CannotEdit("the initial state is not written out")
