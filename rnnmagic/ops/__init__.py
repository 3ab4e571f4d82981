"""Operations on data, each with three faces: on shapes, on values and as the code a user types.

`shape` and `code` cost nothing; `apply` is NumPy work (views where NumPy can give views) and never
changes the array it is given. `repeatable` says that doing it twice gives what once gave, so that
`X = X.reshape(-1, 20, 3)` may stand in a cell that is run again, and `X = X.T` may not.
"""

from __future__ import annotations

from rnnmagic.ops.arrays import (
    Chain,
    Expand,
    FeatureMajor,
    Reshape,
    Shared,
    Slice,
    Squeeze,
    Transpose,
    Windows,
)
from rnnmagic.ops.base import Op, Spell, array_code, as_array, product
from rnnmagic.ops.datasets import (
    Batched,
    Mapped,
    Padded,
    Rebatched,
    Regrouped,
    ShapesTold,
    Unbatched,
    Yielded,
)
from rnnmagic.ops.elements import Cast, Dense, Pad, Stack, ToArray
from rnnmagic.ops.labels import ClassIndex, LabelNumbers, OneHot, Shift, WordNumbers
from rnnmagic.ops.passing import Replace, SplitColumns

__all__ = [
    "Batched",
    "Cast",
    "Chain",
    "ClassIndex",
    "Dense",
    "Expand",
    "FeatureMajor",
    "LabelNumbers",
    "Mapped",
    "OneHot",
    "Op",
    "Pad",
    "Padded",
    "Rebatched",
    "Regrouped",
    "Replace",
    "Reshape",
    "ShapesTold",
    "Shared",
    "Shift",
    "Slice",
    "Spell",
    "SplitColumns",
    "Squeeze",
    "Stack",
    "ToArray",
    "Transpose",
    "Unbatched",
    "Windows",
    "WordNumbers",
    "Yielded",
    "array_code",
    "as_array",
    "product",
]
