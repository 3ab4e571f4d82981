"""Edits of the model's declaration and of its loss."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from rnnmagic.editor.finder import Finder, SourceEdit
from rnnmagic.report import Shape
from rnnmagic.source import (
    CannotEdit,
    Change,
    Unknowable,
    value_of,
)

if TYPE_CHECKING:
    from rnnmagic.evidence import Operand
    from rnnmagic.modelsource import CallSite


class ModelEdits(Finder):
    """Of the model that the evidence is about."""

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

    def set_shape_of(self, model: Any, shape: Shape) -> SourceEdit:
        """Declare the input of another model, one that stands inside the model, with another shape."""
        other = type(self)(self.evidence)
        other.about(model, [], self._variable_of(model))
        return other.set_input_shape(shape, None)

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
