"""`class_weight` where the target has a class for each timestep: Keras knows one class a sample."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.source import CannotEdit

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def steps_weighted(evidence: Evidence) -> Diagnosis | None:
    """Class numbers (samples, timesteps) for a sparse loss; Keras takes the steps for one-hot classes."""
    from rnnmagic.frameworks.wanted import loss_name

    y = evidence.operand("y")
    shape = None if y is None else y.described.shape
    if y is None or shape is None or evidence.arguments.get("class_weight") is None:
        return None
    if len(shape) != 2 or shape[1] in (None, 1) or "sparse" not in loss_name(evidence.model):
        return None
    return of_class_weight(evidence, y)


def of_class_weight(evidence: Evidence, y: Operand) -> Diagnosis:
    """Weights of its own for each timestep do what `class_weight` was meant to do."""
    from rnnmagic.frameworks.wanted import loss_name

    shape = y.described.shape or ()
    sparse = "sparse" in loss_name(evidence.model)

    def source(editor: Editor) -> SourceEdit:
        site = evidence.site
        call = None if site is None else site.call
        weights = next((k for k in call.keywords if k.arg == "class_weight"), None) if call else None
        table = evidence.arguments.get("class_weight")
        if site is None or weights is None or not isinstance(table, dict) or y.expression is None:
            raise CannotEdit("class_weight is not written out in the call")
        if len(shape) == 3 and shape[-1] == 1:
            classes = f"{y.expression}[..., 0]"
        elif len(shape) == 2 or sparse:
            classes = y.expression
        else:
            classes = f"{y.expression}.argmax(axis=-1)"
        written = ast.unparse(weights.value)
        numpy, line = spelling("numpy", evidence.namespace)
        look_up = f"lambda c: {written}.get(c, 1.0)"
        # Without `otypes` the first weight, which may be a whole number, would set the type for all.
        text = f"{numpy}.vectorize({look_up}, otypes=[float])({classes})"
        edit = editor.rename_keyword(site, "class_weight", "sample_weight", text)
        return edit if line is None else editor.combine(edit, editor.import_line(site, line))

    from rnnmagic.writing import spelling

    fix = Candidate(
        "other",
        say("A sample_weight for each timestep instead"),
        say("Each step is weighted by its own class; class_weight can only weight whole samples."),
        "likely",
        source=source,
        target=y.name,
    )
    return Diagnosis(
        "target_shape",
        say(
            "`class_weight` gives each sample one weight by its one class; `{array}` {shape} holds a class for each timestep.",
            array=y.label,
            shape=text(shape),
        ),
        "data",
        y,
        candidates=(fix,),
    )
