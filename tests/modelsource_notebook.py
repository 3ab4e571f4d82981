"""A notebook for the tests of rnnmagic.modelsource: cells that run with real Keras, and run again edited."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell, CellLog
from rnnmagic.modelsource import CallSite, ModelSource
from rnnmagic.source import Change, edit

HEAD = """\
import numpy as np
import keras
import tensorflow as tf
from keras import Input, Model, Sequential, layers
from keras.layers import GRU, LSTM, RNN, Bidirectional, Dense, Embedding, LSTMCell, TimeDistributed
"""


class Notebook:
    """Cells that ran, one after another, with their log and namespace; errors are kept, not raised."""

    def __init__(self, *cells: str, head: str = HEAD, ids: list[str | None] | None = None) -> None:
        self.log = CellLog()
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.error: BaseException | None = None
        exec(head, self.namespace)
        for number, text in enumerate(cells):
            self.run(text, ids[number] if ids else f"id{number}")

    def run(self, text: str, cell_id: str | None = None) -> None:
        number = len(self.log.cells)
        cell = Cell(number, cell_id, text, text, f"<cell {number}>")
        self.log.add(cell)
        try:
            exec(compile(text, cell.filename, "exec"), self.namespace)
        except Exception as error:
            self.error = error

    def __getitem__(self, name: str) -> Any:
        return self.namespace[name]

    @property
    def checked(self) -> Cell:
        return self.log.cells[-1]

    def source(self, thing: Any = None, name: str | None = "model") -> ModelSource:
        thing = self.namespace[name] if thing is None and name is not None else thing
        return ModelSource(thing, self.log, self.namespace, model_name=name, checked=self.checked)

    def site(self, layer: Any, name: str | None = "model") -> CallSite:
        return self.source(name=name).layer_sites()[id(layer)]

    def calls(self, thing: Any = None, name: str | None = "model") -> list[str]:
        """`cell number: call` for each layer of the model, `?` where it was not found."""
        source = self.source(thing, name)
        sites = source.layer_sites()
        return [self.describe(sites.get(id(layer))) for layer in source.layers if layer is not source.model]

    def describe(self, site: CallSite | None) -> str:
        return f"{self.log.cells.index(site.cell)}: {ast.unparse(site.call)}" if site is not None else "?"

    def texts(self, edits: list[tuple[Cell, Change]]) -> list[str]:
        """All cells, edited."""
        return [edit(cell, [change for other, change in edits if other is cell]) for cell in self.log]

    def again(self, edits: list[tuple[Cell, Change]]) -> Notebook:
        """The notebook with the edits, run from the top; it has to run without an error."""
        notebook = Notebook(*self.texts(edits))
        if notebook.error is not None:
            raise notebook.error
        return notebook
