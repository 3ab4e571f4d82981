"""Edits of the notebook's code that a diagnosis may ask for, by live object instead of by text.

A façade over `modelsource`, which finds the call that made a layer: the diagnosis says "this layer
should have return_sequences=True", and gets the change of exactly that call.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.cells import Cell, CellLog
from rnnmagic.frameworks.keraslike.nodes import maker_of
from rnnmagic.report import Shape
from rnnmagic.source import (
    CannotEdit,
    Change,
    Place,
    Unknowable,
    ancestors,
    function_of,
    parent_of,
    parse,
    value_of,
)

if TYPE_CHECKING:
    from rnnmagic.evidence import Evidence, Operand
    from rnnmagic.modelsource import CallSite, ModelSource


@dataclass(frozen=True)
class SourceEdit:
    """Changes of the Python of cells."""

    changes: tuple[tuple[Cell, Change], ...]


class Editor:
    """Finds and edits the code that built one model.

    Parameters
    ----------
    evidence
        Of the failed cell: its log, its namespace, the failing call.
    model, layers
        The model, or the layers of one that failed while it was built.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.namespace = evidence.namespace
        self._found: ModelSource | None = None
        self._of: tuple[Any, str | None] = (evidence.model, evidence.model_name)

    def about(self, model: Any, layers: list[Any], name: str | None) -> None:
        """Say which model is meant when no call on one failed."""
        self._of = (model if model is not None else layers, name)
        self._found = None

    @property
    def source(self) -> ModelSource:
        if self._found is None:
            subject, name = self._of
            if subject is None:
                raise CannotEdit("there is no model")
            self._found = self._search(subject, name)
        return self._found

    def release(self) -> None:
        """Let go of the values that the search went through; it is done anew when it is needed again."""
        self._found = None

    def _search(self, subject: Any, name: str | None = None) -> ModelSource:
        from rnnmagic.modelsource import ModelSource

        latest: dict[Any, Cell] = {}
        for cell in self.evidence.run.log:
            # A cell that ran twice stands once in the notebook.
            key = cell.cell_id or cell.raw.strip()
            latest.pop(key, None)
            latest[key] = cell
        log = CellLog(list(latest.values()))
        subject = subject if isinstance(subject, list) or frameworks.is_model(subject) else [subject]
        return ModelSource(subject, log, self.namespace, model_name=name, checked=self.evidence.run.cell)

    # Layers

    def site(self, layer: Any) -> CallSite:
        """The call that made a layer.

        Raises
        ------
        CannotEdit
            It cannot be told with certainty.
        """
        found = self.source.layer_sites().get(id(layer))
        if found is None and self._of[0] is not self.evidence.model:
            # One of a model that was never finished, made in a cell of its own.
            found = self._search(layer, self._variable_of(layer)).layer_sites().get(id(layer))
        if found is None:
            raise CannotEdit(f"the call that made {getattr(layer, 'name', layer)} was not found")
        return found

    def _variable_of(self, layer: Any) -> str | None:
        """The variable that holds the layer itself, or its symbolic output."""
        for name, value in list(self.namespace.items()):
            if value is layer and not name.startswith("_"):
                return str(name)
            symbolic = type(value).__name__ == "KerasTensor"
            if symbolic and maker_of(value) is layer and not name.startswith("_"):
                return str(name)
        return None

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
            return self.set_argument(layer, "return_sequences", loop)
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

    def _loop(self, site: CallSite) -> str | None:
        """`k < depth - 1` for a layer made in `for k in range(depth)`: whether it is not the last."""
        loop = next((step for step in ancestors(site.call) if isinstance(step, ast.For)), None)
        if loop is None or not isinstance(loop.target, ast.Name):
            return None
        if isinstance(loop.iter, (ast.Tuple, ast.List)):
            # `for units in (16, 8)`: the last one is told by its value, when no other has the same.
            told = [ast.unparse(item) for item in loop.iter.elts if isinstance(item, ast.Constant)]
            known = len(told) == len(loop.iter.elts) == len(set(told)) and len(told) > 1
            return f"{loop.target.id} != {told[-1]}" if known else None
        if not isinstance(loop.iter, ast.Call):
            return None
        if getattr(loop.iter.func, "id", "") != "range" or len(loop.iter.args) != 1:
            return None
        return f"{loop.target.id} < {ast.unparse(loop.iter.args[0])} - 1"

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
                single = isinstance(keyword.value, ast.Name) and given == 1
                if keyword.arg == "initial_state" and single and count == 2:
                    name = ast.unparse(keyword.value)
                    return SourceEdit(((cell, Change.replacing(keyword.value, f"[{name}, {name}]")),))
                if keyword.arg == "initial_state" and given > count > 1:
                    part = f"[-{count}:]" if given == count + 1 else f"[:{count}]"
                    text = f"{ast.unparse(keyword.value)}{part}"
                    return SourceEdit(((cell, Change.replacing(keyword.value, text)),))
        raise CannotEdit("the initial state is not written out")

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

    # The model

    def set_loss(self, loss: str) -> SourceEdit:
        from rnnmagic.modelsource import add_import, needs_import, set_loss

        site = self.source.compile_site()
        if site is None:
            raise CannotEdit("the call of compile was not found")
        changes = list(set_loss(site, self.evidence.model, loss, self.namespace))
        for cell, change in changes[:1]:
            line = needs_import(change.text, self.namespace)
            if (
                line is not None
                and not change.text.startswith(('"', "'"))
                and not change.text.startswith("loss=")
            ):
                changes.append((cell, add_import(cell, line)))
        return SourceEdit(tuple(changes))

    def declaration(self, index: int = 0) -> tuple[CallSite, str, ast.expr]:
        """The call that declares the model's input, the keyword, and the expression of the shape."""
        from rnnmagic.modelsource import argument_node

        site = self.source.input_sites().get(index)
        first: Any = self._of[0]
        if site is None and isinstance(first, list):
            # An Input of an earlier cell, before a layer that refused it.
            first = next((layer for layer in first if type(layer).__name__ == "InputLayer"), None)
            site = None if first is None else self.site(first)
        if site is None:
            raise CannotEdit("the input is not declared in the notebook's text")
        for name in ("shape", "input_shape", "batch_shape", "batch_input_shape", "input_dim"):
            if site.name not in ("Input", "InputLayer") and name in ("shape", "batch_shape"):
                continue
            node = argument_node(site, name, self.namespace)
            if node is not None:
                return site, name, node
        raise CannotEdit("the shape is not written in the declaration")

    def input_texts(self, model: Any, name: str | None) -> tuple[str, ...]:
        """What is written in the model's declaration, one text for each axis but the batch."""
        if model is None:
            return ()
        try:
            _, keyword, node = self.declaration()
        except Exception:
            return ()
        if isinstance(node, (ast.Tuple, ast.List)):
            texts = tuple(ast.unparse(item) for item in node.elts)
            return texts[1:] if keyword.startswith("batch") else texts
        return ()

    def set_input_shape(self, shape: Shape, operand: Operand | None) -> SourceEdit:
        """Declare the model's input with another shape, in the words of the notebook where it can be.

        `X.shape` becomes `X.shape[1:]`, a swap keeps its names, and other sizes become numbers.
        """
        site, keyword, node = self.declaration()
        text = self._shape_text(shape, node, keyword, operand)
        if keyword == "input_dim":
            parent = next(k for k in site.call.keywords if k.arg == "input_dim")
            return SourceEdit(((site.cell, Change.replacing(parent, f"input_shape={text}")),))
        return SourceEdit(((site.cell, Change.replacing(node, text)),))

    def _shape_text(self, shape: Shape, node: ast.expr, keyword: str, operand: Operand | None) -> str:
        inner: list[str] = []
        if not isinstance(node, (ast.Tuple, ast.List)) and not keyword.startswith("batch"):
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and part.attr == "shape":
                    try:
                        value = getattr(value_of(part.value, self.namespace), "shape", None)
                    except Unknowable:
                        continue
                    if value is not None and tuple(value)[1:] == shape:
                        return f"{ast.unparse(part)}[1:]"
        if isinstance(node, (ast.Tuple, ast.List)):
            known: dict[int, str] = {}
            for item in node.elts:
                try:
                    number = value_of(item, self.namespace)
                except Unknowable:
                    number = self._sized(item)
                if isinstance(number, int):
                    known.setdefault(number, ast.unparse(item))
            inner = [known.get(size, str(size)) if size is not None else "None" for size in shape]
            if keyword.startswith("batch"):
                inner.insert(0, ast.unparse(node.elts[0]))
        else:
            inner = ["None" if size is None else str(size) for size in shape]
        return f"({inner[0]},)" if len(inner) == 1 else f"({', '.join(inner)})"

    def _sized(self, node: ast.expr) -> int | None:
        """`X.shape[1]` of a live array."""
        if not (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
        ):
            return None
        try:
            shape = value_of(node.value.value, self.namespace).shape
            return int(shape[value_of(node.slice, self.namespace)])
        except Exception:
            return None

    # The failing call

    def set_call_argument(self, evidence: Evidence, name: str, text: str) -> SourceEdit:
        """Another value for an argument of the failing call."""
        from rnnmagic.modelsource import CallSite, set_argument

        place = evidence.site
        if place is None or place.call is None:
            raise CannotEdit("the failing call is not in a cell")
        target = getattr(type(evidence.model), evidence.method or "", None)
        bound = getattr(evidence.model, evidence.method or "", target)
        return SourceEdit(
            tuple(set_argument(CallSite(place.cell, place.call, bound), name, text, self.namespace))
        )

    def set_maker_argument(
        self, operand: Operand, makers: tuple[str, ...], name: str, text: str
    ) -> SourceEdit:
        """Another argument for the call that made an array: `to_categorical(ids)` with `num_classes`."""
        from rnnmagic.modelsource import CallSite, set_argument

        nodes: list[tuple[Cell, ast.AST]] = []
        if operand.node is not None and operand.place is not None:
            nodes.append((operand.place.cell, operand.node))
        for cell in reversed(list(self.evidence.run.log)):
            tree = parse(cell.transformed)
            for statement in reversed(tree.body) if tree is not None else []:
                if isinstance(statement, ast.Assign) and any(
                    isinstance(t, ast.Name) and t.id == operand.name for t in statement.targets
                ):
                    nodes.append((cell, statement.value))
        for cell, node in nodes[:2]:
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    called = (
                        call.func.attr
                        if isinstance(call.func, ast.Attribute)
                        else getattr(call.func, "id", "")
                    )
                    if called in makers:
                        from rnnmagic.modelsource.naming import keras_package

                        keras = sys.modules.get(keras_package(self.namespace))
                        target = getattr(getattr(keras, "utils", None), called, None)
                        site = CallSite(cell, call, target)
                        return SourceEdit(tuple(set_argument(site, name, text, self.namespace)))
        raise CannotEdit("the call that made the array was not found")

    def reorder(self, evidence: Evidence, operands: list[Operand], order: tuple[int, ...]) -> SourceEdit:
        """The inputs of the failing call in another order."""
        changes = []
        for place, chosen in enumerate(order):
            node, given = operands[place].node, operands[chosen]
            where = operands[place].place
            if place == chosen:
                continue
            if node is None or where is None or given.expression is None:
                raise CannotEdit("the inputs are not written out in the call")
            changes.append((where.cell, Change.replacing(node, given.expression)))
        return SourceEdit(tuple(changes))

    def rename_keys(self, evidence: Evidence, renamed: dict[str, str]) -> SourceEdit:
        """Other keys for a dict of inputs that is written out in the failing call."""
        place = evidence.site
        given = {operand.index for operand in evidence.operands if isinstance(operand.index, str)}
        changes = []
        trees: list[tuple[Cell, ast.AST]] = []
        if place is not None and place.call is not None:
            trees.append((place.cell, place.call))
        cell = evidence.run.cell
        whole = parse(cell.transformed)
        if whole is not None:
            trees.append((cell, whole))
        for home, tree in trees:
            for node in ast.walk(tree):
                keys = node.keys if isinstance(node, ast.Dict) else []
                written = {key.value for key in keys if isinstance(key, ast.Constant)}
                if not set(renamed) <= written or not written <= given:
                    continue
                for key in keys:
                    if isinstance(key, ast.Constant) and key.value in renamed:
                        changes.append((home, Change.replacing(key, f'"{renamed[key.value]}"')))
            if changes:
                break
        if not changes:
            raise CannotEdit("the dict is not written out in the call")
        return SourceEdit(tuple(changes))

    # The constructor under way

    def _own_site(self, place: Place) -> CallSite:
        from rnnmagic.modelsource import CallSite

        assert place.call is not None
        return CallSite(place.cell, place.call)

    def set_own_argument(self, place: Place, cls: type, name: str, text: str) -> SourceEdit:
        """Another argument for the constructor that is under way."""
        from rnnmagic.modelsource import CallSite, set_argument

        assert place.call is not None
        return SourceEdit(
            tuple(set_argument(CallSite(place.cell, place.call, cls), name, text, self.namespace))
        )

    def rename_keyword(self, place: Place, old: str, new: str, text: str) -> SourceEdit:
        assert place.call is not None
        keyword = next(k for k in place.call.keywords if k.arg == old)
        return SourceEdit(((place.cell, Change.replacing(keyword, f"{new}={text}")),))

    def import_line(self, place: Place, line: str) -> SourceEdit:
        from rnnmagic.modelsource import add_import

        return SourceEdit(((place.cell, add_import(place.cell, line)),))

    def drop_keyword(self, place: Place, name: str) -> SourceEdit:
        from rnnmagic.modelsource import remove_keyword

        return SourceEdit(tuple(remove_keyword(self._own_site(place), name, self.namespace)))

    def input_in_front(self, place: Place, arguments: str) -> SourceEdit:
        """`Input(arguments)` in front of the layer whose constructor is under way."""
        from rnnmagic.modelsource import add_import, insert_layer_before, needs_import, spell
        from rnnmagic.modelsource.naming import keras_package

        site = self._own_site(place)
        package = sys.modules.get(keras_package(self.namespace))
        keras = next((n for n, v in list(self.namespace.items()) if v is package), None)
        tensorflow = next(
            (n for n, v in list(self.namespace.items()) if getattr(v, "__name__", "") == "tensorflow"), None
        )
        if "Input" in self.namespace:
            text = f"Input({arguments})"
        elif keras is not None:
            text = f"{keras}.Input({arguments})"
        elif tensorflow is not None:
            text = f"{tensorflow}.keras.Input({arguments})"
        else:
            text = f"{spell('InputLayer', site, self.namespace)}({arguments})"
        changes = list(insert_layer_before(site, text))
        line = needs_import(text, self.namespace)
        if line is not None:
            changes.append((place.cell, add_import(place.cell, line)))
        return SourceEdit(tuple(changes))

    def replace_node(self, place: Place, node: ast.expr, text: str) -> SourceEdit:
        return SourceEdit(((place.cell, Change.replacing(node, text)),))

    def combine(self, *edits: SourceEdit) -> SourceEdit:
        return SourceEdit(tuple(change for one in edits for change in one.changes))
