"""Edits of what a layer is given where it is applied."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.editor.finder import Finder, SourceEdit
from rnnmagic.source import CannotEdit, Change, Place, Unknowable, parent_of, text_of, value_of

WHOLE = (ast.Name, ast.Call, ast.Attribute, ast.Subscript)
"""Expressions that an index can follow as they are."""


class GivenEdits(Finder):
    """By live layer: the calls of it, not the call that made it."""

    def applications(self, layer: Any) -> Iterator[tuple[Cell, ast.Call]]:
        """Where the layer is called on tensors: `LSTM(8)(x)`, `lstm(x)`."""
        site = self.site(layer)
        parent = parent_of(site.call)
        if isinstance(parent, ast.Call) and parent.func is site.call:
            yield site.cell, parent
        for cell, use in site.uses:
            if isinstance(use, ast.Call) and not (
                isinstance(use.func, ast.Attribute) and use.func.attr == "add"
            ):
                yield cell, use

    def pick_given(self, layer: Any, index: int) -> SourceEdit:
        """One of the tensors that the layer is given now: `dense(x)` becomes `dense(x[0])`.

        Raises
        ------
        CannotEdit
            It is not applied in one place, to one expression.
        """
        cell, given = self._given(layer)
        if isinstance(given, (ast.List, ast.Tuple)) and index < len(given.elts):
            return SourceEdit(((cell, Change.replacing(given, text_of(cell, given.elts[index]))),))
        if not isinstance(given, WHOLE):
            raise CannotEdit("what the layer is given is not written so that it can be indexed")
        return SourceEdit(((cell, Change.replacing(given, f"{text_of(cell, given)}[{index}]")),))

    def join_given(self, layer: Any) -> SourceEdit:
        """All the tensors side by side: `dense([a, b])` becomes `dense(Concatenate()([a, b]))`."""
        from rnnmagic.modelsource import add_import, needs_import, spell

        cell, given = self._given(layer)
        text = f"{spell('Concatenate', self.site(layer), self.namespace)}()({text_of(cell, given)})"
        changes = [(cell, Change.replacing(given, text))]
        line = needs_import(text, self.namespace)
        if line is not None:
            changes.append((cell, add_import(cell, line)))
        return SourceEdit(tuple(changes))

    def wrap_applied(self, model: Any, cls: str) -> SourceEdit:
        """A wrapper around a model where the failing line applies it: `enc(x)` becomes `TimeDistributed(enc)(x)`."""
        from rnnmagic.modelsource import CallSite, add_import, needs_import, spell

        for place in reversed(self.evidence.places):
            call = place.call
            if call is None or not self._stands_for(call.func, model, place):
                continue
            text = (
                f"{spell(cls, CallSite(place.cell, call), self.namespace)}({text_of(place.cell, call.func)})"
            )
            changes = [(place.cell, Change.replacing(call.func, text))]
            line = needs_import(text, self.namespace)
            if line is not None:
                changes.append((place.cell, add_import(place.cell, line)))
            return SourceEdit(tuple(changes))
        raise CannotEdit("the model is not applied by its name")

    def _stands_for(self, node: ast.expr, model: Any, place: Place) -> bool:
        try:
            return value_of(node, *place.scopes) is model
        except Unknowable:
            return False

    def drop_option(self, layer: Any, name: str) -> SourceEdit:
        """A keyword left out where the layer is applied."""
        from rnnmagic.modelsource import CallSite, remove_keyword

        for cell, use in self.applications(layer):
            if any(keyword.arg == name for keyword in use.keywords):
                return SourceEdit(tuple(remove_keyword(CallSite(cell, use), name, self.namespace)))
        raise CannotEdit(f"{name} is not written where the layer is applied")

    def _given(self, layer: Any) -> tuple[Cell, ast.expr]:
        places = list(self.applications(layer))
        if len(places) != 1 or len(places[0][1].args) != 1 or isinstance(places[0][1].args[0], ast.Starred):
            raise CannotEdit("the layer is not applied in one place, to one expression")
        return places[0][0], places[0][1].args[0]
