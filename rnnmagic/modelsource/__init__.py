"""Find the calls that made a live model's layers in the text of the notebook, and edit them there."""

from __future__ import annotations

from rnnmagic.modelsource.edits import argument_node, remove_keyword, set_argument, set_keyword, wrap_call
from rnnmagic.modelsource.find import ModelSource, compile_call, find_input_calls, find_layer_calls
from rnnmagic.modelsource.loss import set_loss
from rnnmagic.modelsource.naming import add_import, needs_import, spell
from rnnmagic.modelsource.sites import CallSite
from rnnmagic.modelsource.structure import insert_layer_after, insert_layer_before, remove_layer
from rnnmagic.modelsource.text import merged
from rnnmagic.source import CannotEdit

__all__ = [
    "CallSite",
    "CannotEdit",
    "ModelSource",
    "add_import",
    "argument_node",
    "compile_call",
    "find_input_calls",
    "find_layer_calls",
    "insert_layer_after",
    "insert_layer_before",
    "merged",
    "needs_import",
    "remove_keyword",
    "remove_layer",
    "set_argument",
    "set_keyword",
    "set_loss",
    "spell",
    "wrap_call",
]
