"""Pictures of arrays, drawn as SVG inside the HTML: labelled blocks, and one sample before and after a fix.

They say nothing that is not in words beside them: a reader who does not see them, or a page whose
sanitiser takes them out, loses no fact. Where a sanitiser leaves only the texts of a picture, they can be
read in their order. Colours are the style sheet's, so they follow the theme.
"""

from __future__ import annotations

from rnnmagic.views.pictures.blocks import blocks
from rnnmagic.views.pictures.maps import before_and_after

__all__ = ["before_and_after", "blocks"]
