"""Edits of the notebook's code that a diagnosis may ask for, by live object instead of by text.

A façade over `modelsource`, which finds the call that made a layer: the diagnosis says "this layer
should have return_sequences=True", and gets the change of exactly that call.
"""

from __future__ import annotations

from rnnmagic.editor.calls import CallEdits
from rnnmagic.editor.datasets import DatasetEdits
from rnnmagic.editor.finder import SourceEdit
from rnnmagic.editor.given import GivenEdits
from rnnmagic.editor.layers import LayerEdits
from rnnmagic.editor.model import ModelEdits

__all__ = ["Editor", "SourceEdit"]


class Editor(LayerEdits, GivenEdits, ModelEdits, CallEdits, DatasetEdits):
    """Finds and edits the code that built one model."""
