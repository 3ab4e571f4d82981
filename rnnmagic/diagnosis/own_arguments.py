"""A size that the user's own layer was made with, and that is not the data's: `AddPositions(50, 8)` for 20 steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate
from rnnmagic.frameworks.wanted import class_of
from rnnmagic.language import say

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def of_arguments(part: Any, received: Any, told: str) -> Iterator[Candidate]:
    """Other sizes for the call that made the layer; each is offered only if a rehearsal has passed it.

    `told` is the error's first line, where the two sizes stand that do not fit: one that the layer
    was given, and one of its own.
    """
    if not isinstance(received, tuple):
        return
    numbers = list(dict.fromkeys(int(number) for number in re.findall(r"\b\d{1,9}\b", told)))
    given = [number for number in numbers if number in received[1:]]
    own = [number for number in numbers if number not in received]
    for old in own[:2]:
        for new in given[:2]:
            yield Candidate(
                "layer_argument",
                say("{size} for {old} in {layer}", size=new, old=old, layer=class_of(part))[:60],
                say("It was made for another size than the data has."),
                "likely",
                source=_resized(part, old, new),
                target=getattr(part, "name", None),
                only_if_tried=True,
            )


def _resized(part: Any, old: int, new: int) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.resize(part, old, new)
