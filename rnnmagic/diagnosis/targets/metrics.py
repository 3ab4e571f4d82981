"""The loss takes the target and a metric does not: another metric, another target, or none."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.targets.answer import SPARSE, Answer, fix, short
from rnnmagic.frameworks.keraslike import engine_of
from rnnmagic.language import say
from rnnmagic.ops import OneHot
from rnnmagic.source import CannotEdit, Change

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

TWINS = {
    "categorical_accuracy": "sparse_categorical_accuracy",
    "categorical_crossentropy": "sparse_categorical_crossentropy",
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
}
"""Metrics for one-hot targets, with those for class numbers."""
ADAPTED = ("accuracy", "acc", "crossentropy", "ce")
"""Metrics that Keras chooses by the shapes."""
Item = tuple[Any, ast.List | ast.Tuple, int]


def of_metric(case: Answer) -> Diagnosis:
    """The loss has compared target and answer; one of the compiled metrics cannot."""
    numbers = case.loss in SPARSE and len(case.got) <= 2 and len(case.output) == 2
    given = _names(case.model)
    # Keras finds the accuracy that goes with class numbers, too.
    refusing = [name for name in given if name not in ADAPTED] if numbers else given
    names = ", ".join(refusing or given) or say("a metric")
    sentence = say(
        "The loss takes `{name}` {shape} beside the answer {output}; the metric does not ({names}).",
        name=case.name,
        shape=text(case.got),
        output=text(case.output),
        names=names,
    )
    if numbers:
        sentence += " " + say("It wants one column a class, as the model gives it.")
    return Diagnosis(
        "target_encoding" if numbers else "target_shape",
        sentence,
        "metric",
        case.target,
        candidates=tuple(_candidates(case, numbers)),
        axes=("samples",) if len(case.got) == 1 else None,
    )


def _names(model: Any) -> list[str]:
    try:
        given = engine_of(model).compiled(model)[1]._user_metrics or []
        flat = [
            item
            for entry in (given if isinstance(given, (list, tuple)) else [given])
            for item in _flat(entry)
        ]
        return [item if isinstance(item, str) else str(getattr(item, "name", item)) for item in flat]
    except Exception:
        return []


def _flat(entry: Any) -> list[Any]:
    return list(entry) if isinstance(entry, (list, tuple)) else [entry]


def _candidates(case: Answer, numbers: bool) -> Iterator[Candidate]:
    if numbers:
        for old, new in TWINS.items():
            yield Candidate(
                "other", say("Use the metric {new}", new=new)[:60], say("That is the same metric for class numbers."), "sure",
                source=_named(old, new), target=case.model_name, only_if_tried=True,
            )  # fmt: skip
        yield Candidate(
            "other", say("sparse_y_pred=False for the metric"), say("The model gives probabilities, not class numbers."), "sure",
            source=_probabilities, target=case.model_name, only_if_tried=True,
        )  # fmt: skip
        classes = case.output[-1]
        if classes is not None:
            one_hot = fix(
                case, OneHot(classes), say("One-hot encode {array}, and the loss for it", array=short(case)),
                say("Loss and metric then both see one column a class."), "likely",
            )  # fmt: skip
            yield replace(one_hot, source=lambda editor: editor.set_loss("categorical_crossentropy"))
    for place in range(min(len(_names(case.model)), 4)):
        yield Candidate(
            "other", say("Leave out the metric {metric}", metric=_names(case.model)[place])[:60], say("The model is then trained without it."),
            "possible", source=_without(place), target=case.model_name, only_if_tried=True,
        )  # fmt: skip


def _written(editor: Editor) -> Item:
    """The list of metrics in the call of compile."""
    from rnnmagic.modelsource import argument_node

    site = editor.source.compile_site()
    node = None if site is None else argument_node(site, "metrics", editor.namespace)
    if site is None or not isinstance(node, (ast.List, ast.Tuple)):
        raise CannotEdit("the metrics are not written out in compile")
    return site, node, len(node.elts)


def _named(old: str, new: str) -> Callable[[Editor], SourceEdit]:
    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit

        site, node, _ = _written(editor)
        for item in node.elts:
            if isinstance(item, ast.Constant) and item.value == old:
                return SourceEdit(((site.cell, Change.replacing(item, f'"{new}"')),))
            made = item.func if isinstance(item, ast.Call) else item
            word = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
            twin = "".join(part.capitalize() for part in new.split("_")).replace("TopK", "TopK")
            if word and word == "".join(part.capitalize() for part in old.split("_")):
                change = Change.replacing(made, f"{ast.unparse(made)[: -len(word)]}{twin}")
                return SourceEdit(((site.cell, change),))
        raise CannotEdit("that metric is not among them")

    return source


def _probabilities(editor: Editor) -> SourceEdit:
    """`MeanIoU(4)` takes the model's answer for class numbers unless it is told otherwise."""
    from rnnmagic.editor import SourceEdit
    from rnnmagic.modelsource import CallSite, set_argument

    site, node, _ = _written(editor)
    for item in node.elts:
        if isinstance(item, ast.Call) and ast.unparse(item.func).endswith("IoU"):
            return SourceEdit(
                tuple(set_argument(CallSite(site.cell, item), "sparse_y_pred", "False", editor.namespace))
            )
    raise CannotEdit("no such metric is among them")


def _without(place: int) -> Callable[[Editor], SourceEdit]:
    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit

        site, node, count = _written(editor)
        if place >= count:
            raise CannotEdit("there are fewer metrics")
        rest = [ast.unparse(item) for number, item in enumerate(node.elts) if number != place]
        return SourceEdit(((site.cell, Change.replacing(node, f"[{', '.join(rest)}]")),))

    return source
