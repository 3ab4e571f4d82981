"""`%rnnshapes`: what the kernel holds, by shape, element type and the meaning of each axis."""

from rnnmagic.shapes.survey import ROWS_AT_MOST, UnknownNameError, survey
from rnnmagic.shapes.table import as_html, as_text

__all__ = ["ROWS_AT_MOST", "UnknownNameError", "as_html", "as_text", "survey"]
