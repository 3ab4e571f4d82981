"""Finds the call that made a layer, among the cells that ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.cells import Cell, CellLog
from rnnmagic.endings import shielded
from rnnmagic.frameworks.keraslike.nodes import maker_of
from rnnmagic.source import (
    CannotEdit,
    Change,
)
from rnnmagic.values import class_name, variables

if TYPE_CHECKING:
    from rnnmagic.evidence import Evidence
    from rnnmagic.modelsource import CallSite, ModelSource


@dataclass(frozen=True)
class SourceEdit:
    """Changes of the Python of cells."""

    changes: tuple[tuple[Cell, Change], ...]


class Finder:
    """Finds the code that built one model.

    Parameters
    ----------
    evidence
        Of the failed cell: its log, its namespace, the failing call.
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

    @shielded
    def release(self) -> None:
        """Let go of the values that the search went through; it is done anew when it is needed again."""
        self._found = None

    def _search(self, subject: Any, name: str | None = None) -> ModelSource:
        from rnnmagic.modelsource import ModelSource

        latest: dict[Any, Cell] = {}
        for cell in self.evidence.run.log:
            # A cell that ran twice stands once in the notebook.
            key = cell.key
            latest.pop(key, None)
            latest[key] = cell
        log = CellLog(list(latest.values()))
        subject = subject if isinstance(subject, list) or frameworks.is_model(subject) else [subject]
        return ModelSource(subject, log, self.namespace, model_name=name, checked=self.evidence.run.cell)

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
        for name, value in variables(self.namespace):
            if value is layer and not name.startswith("_"):
                return str(name)
            symbolic = class_name(value) == "KerasTensor"
            if symbolic and maker_of(value) is layer and not name.startswith("_"):
                return str(name)
        return None

    def combine(self, *edits: SourceEdit) -> SourceEdit:
        return SourceEdit(tuple(change for one in edits for change in one.changes))
