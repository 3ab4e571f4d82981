"""What the notebook tells about the meaning of numbers: names, columns, and a look at the data.

A shape alone cannot say whether 60 columns are 20 steps of 3 features or 3 of 20. Names of
variables, labels of columns, and the smoothness of the values along an axis can. Of the data only
the first rows are read: no more than `NUMBERS` of them together, or three rows where those hold
more, and nothing of an array a single row of which holds more than `ROW_AT_MOST`.
"""

from __future__ import annotations

import functools
import math
import re
import sys
from dataclasses import dataclass
from typing import Any, Literal

from rnnmagic.report import Shape
from rnnmagic.values import as_shape, describe, is_from, variables

STEP_WORDS = (
    "timestep", "time_step", "step", "look_back", "lookback", "window", "seq_len", "seq_length",
    "sequence_length", "seq", "length", "maxlen", "max_len", "horizon", "lag", "history", "hours",
    "days", "minutes", "frames", "n_samples", "time", "period", "past", "context", "ticks", "t",
)  # fmt: skip
FEATURE_WORDS = (
    "feature", "feat", "channel", "sensor", "n_inputs", "input_dim", "dim", "columns", "cols",
    "variables", "n_vars", "width", "vector_size", "vars", "signals", "series", "axes", "joints", "f",
)  # fmt: skip
SAMPLE_ROWS = 64
NUMBERS, ROW_AT_MOST = 65_536, 1_000_000
COUNTED_STEPS = 1_000
"""How many timesteps of a window are looked at for a column that counts."""


def numbers_named(namespace: dict[str, Any], words: tuple[str, ...]) -> dict[str, int]:
    """Kernel variables that are whole numbers and whose name holds one of the words."""
    found: dict[str, int] = {}
    for name, value in variables(namespace):
        if type(value) is not int or name.startswith("_") or not 0 < value < 1_000_000:
            continue
        if says(name, words):
            found[name] = value
    return found


def says(name: str, words: tuple[str, ...]) -> bool:
    """Whether a name holds one of the words as a word of its own."""
    plain = name.lower()
    parts = set(re.split(r"[^a-z]+", plain)) | {plain}
    parts |= {part.rstrip("s") for part in parts}
    return any(
        word in parts or ("_" in word and word in plain) or (len(word) > 4 and word in plain)
        for word in words
    )


def steps_named(namespace: dict[str, Any]) -> set[int]:
    return set(numbers_named(namespace, STEP_WORDS).values())


def features_named(namespace: dict[str, Any]) -> set[int]:
    named = set(numbers_named(namespace, FEATURE_WORDS).values())
    for name, value in variables(namespace):
        if type(value) in (list, tuple) and says(name, FEATURE_WORDS) and 0 < len(value) < 10_000:
            named.add(len(value))
    return named


Order = Literal["time", "feature"]


@dataclass(frozen=True)
class Columns:
    """Lagged columns of a table: how many steps of how many features, and what runs faster."""

    timesteps: int
    features: int
    order: Order
    """`time`: all features of a step side by side; `feature`: all steps of a feature."""
    descending: bool = False
    """Whether time runs backwards over the columns (`t-1, t-2, t-3`)."""
    sample: tuple[str, ...] = ()


_LAG = re.compile(
    r"^(?P<head>.*?)[\s_\-.(\[]*(?:(?:t|lag|step|day|hour|h|d|time|w|k|s)\s*)?(?P<sign>[-+_]?)(?P<lag>\d+)[\s)\]]*(?P<tail>\D*)$",
    re.I,
)


def read_columns(labels: list[Any]) -> Columns | None:
    """Steps and features from labels such as `temp_t1, wind_t1, temp_t2` or `rain(t-3)`."""
    if not 2 <= len(labels) <= 20_000 or not all(isinstance(label, str) for label in labels):
        return None
    found: list[tuple[str, int]] = []
    for label in labels:
        match = _LAG.match(label)
        bare = re.match(r"^(.*?)\(t\)$", label.strip())
        if bare:
            found.append((bare.group(1).strip(" _").lower(), 0))
            continue
        if match is None:
            return None
        head = re.sub(
            r"[\s_\-.(\[]*(t|lag|step|day|hour|time|h|d|w|k|s)?[\s_\-.(\[]*$", "", match["head"], flags=re.I
        )
        lag = int(match["lag"])
        past = "t-" in label.replace(" ", "") or "lag" in label.lower()
        found.append(((head + match["tail"]).strip(" _-.").lower(), -lag if past else lag))
    features = list(dict.fromkeys(name for name, _ in found))
    steps = list(dict.fromkeys(step for _, step in found))
    if len(features) * len(steps) != len(labels) or len(steps) < 2:
        return None
    descending = steps == sorted(steps, reverse=True)
    if not descending and steps != sorted(steps):
        return None
    by_time = [(feature, step) for step in steps for feature in features]
    by_feature = [(feature, step) for feature in features for step in steps]
    sample = tuple(labels[:3])
    if found == by_time:
        return Columns(len(steps), len(features), "time", descending, sample)
    if found == by_feature:
        return Columns(len(steps), len(features), "feature", descending, sample)
    return None


def columns_of(value: Any, namespace: dict[str, Any]) -> Columns | None:
    """Read the labels of a frame, or of the frame in the kernel that an array was made of.

    An array without labels has those of a frame whose columns it shares memory with, or of the
    one frame that has just as many columns.
    """
    if is_from(value, "pandas", "DataFrame"):
        return read_columns(list(value.columns))
    shape: Any = getattr(value, "shape", ())
    if len(shape) != 2:
        return None
    readings: list[Columns] = []
    for held in list(namespace.values()):
        if is_from(held, "pandas", "DataFrame"):
            labels = list(held.columns)
            for part in (labels, labels[:-1], labels[1:]):
                if len(part) == shape[1]:
                    reading = read_columns(part)
                    if reading is not None and reading not in readings:
                        readings.append(reading)
        elif type(held) is list and len(held) == shape[1]:
            reading = read_columns(held)
            if reading is not None and reading not in readings:
                readings.append(reading)
    layouts = {(r.timesteps, r.features, r.order) for r in readings}
    return readings[0] if len(layouts) == 1 else None


def sample_of(
    value: Any, rows: int = SAMPLE_ROWS, *, steps: int | None = None, columns: int | None = None
) -> Any:
    """A small float copy of an array's first rows; `None` when there is none to be had.

    Of (samples, timesteps, features) the first `steps` timesteps; of any shape the first `columns` of
    the last axis. Of wide rows fewer are taken, but three.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    try:
        frame = is_from(value, "pandas", "DataFrame", "Series")
        if isinstance(value, numpy.ndarray):
            # As a plain array: a subclass of the user's may count or answer what is asked of it.
            value = numpy.ndarray.view(value, numpy.ndarray)
        elif not frame and type(value) not in (list, tuple) and describe(value).carrier != "tensor":
            # To take an item of anything else is to draw from it.
            return None
        shape = shape_of(value)
        known = shape is not None
        if shape is None:
            # A list: its rows are as large as the first.
            shape = numpy.asarray(value[:1]).shape
        inner: list[int | None] = [None] * (len(shape) - 1)
        if known and steps is not None and len(shape) == 3:
            inner[0] = steps
        if known and columns is not None and inner:
            inner[-1] = columns
        row = math.prod(min(size or 1, end or size or 1) for size, end in zip(shape[1:], inner, strict=True))
        if row > ROW_AT_MOST:
            return None
        first = slice(max(3, min(rows, NUMBERS // row)))
        index = (first, *map(slice, inner)) if any(inner) else first
        part = value.iloc[index].to_numpy() if frame else numpy.asarray(value[index])
        if part.dtype.kind not in "fiub":
            return None
        return numpy.asarray(part, dtype="float64")
    except Exception:
        return None


def shape_of(value: Any) -> Shape | None:
    """The shape that a value tells of itself; `None` for a list, which is not looked through for it."""
    try:
        return as_shape(getattr(value, "shape", None))
    except Exception:
        return None


def roughness(sample: Any, axis: int) -> float | None:
    """RMS difference of neighbours along an axis over the standard deviation.

    About 1.41 for noise, near 0 for something that runs smoothly along that axis.
    """
    import numpy as np

    if sample is None or sample.ndim <= axis or sample.shape[axis] < 3:
        return None
    spread = float(np.std(sample))
    if not np.isfinite(spread) or spread == 0:
        return None
    step = np.diff(sample, axis=axis)
    return float(np.sqrt(np.mean(step**2)) / spread)


def smoother(first: float | None, second: float | None) -> int | None:
    """0 or 1 for the one that is clearly smoother; `None` when the data does not say."""
    if first is None or second is None:
        return None
    if min(first, second) > 1.1:
        return None
    if first < 0.7 * second:
        return 0
    if second < 0.7 * first:
        return 1
    return None


def time_axis(value: Any) -> int | None:
    """Which of the axes 1 and 2 of a 3-D array runs smoothly, as time does."""
    sample = sample_of(value)
    if sample is None or sample.ndim != 3:
        return None
    which = smoother(roughness(sample, 1), roughness(sample, 2))
    return None if which is None else 1 + which


def flat_order(value: Any, timesteps: int, features: int) -> Order | None:
    """How a flat row lies: the reading under which the values run smoothly along time.

    Where several features have different levels the reading that keeps each to itself is smoother.
    """
    sample = sample_of(value)
    if sample is None or sample.ndim != 2 or sample.shape[1] != timesteps * features:
        return None
    if timesteps < 3:
        return None
    by_time = roughness(sample.reshape(-1, timesteps, features), 1)
    by_feature = roughness(sample.reshape(-1, features, timesteps), 2)
    which = smoother(by_time, by_feature)
    return None if which is None else ("time", "feature")[which]


def column_of_target(value: Any, target: Any) -> int | None:
    """Which feature of the windows is the target itself: the next row's value, or the last row's."""
    import numpy as np

    sample, answers = sample_of(value), sample_of(target)
    if sample is None or answers is None or sample.ndim != 3:
        return None
    answers = answers.reshape(len(answers), -1)
    count = min(len(sample), len(answers))
    if answers.shape[1] != 1 or count < 4:
        return None
    series = answers[:count, 0]
    if np.ptp(series) == 0:
        return None
    for column in range(sample.shape[2]):
        last = sample[:count, -1, column]
        if np.allclose(last[1:], series[:-1]) or np.allclose(last, series):
            return column
    return None


def padded_in_front(value: Any) -> bool | None:
    """Whether rows of ids (samples, timesteps) have their zeros in front, or at the end; `None` for neither."""
    told = shape_of(value)
    sample = sample_of(value) if told is None or len(told) == 2 else None
    if sample is None or sample.ndim != 2 or not sample.shape[1]:
        return None
    front, back = int((sample[:, 0] == 0).sum()), int((sample[:, -1] == 0).sum())
    return None if front == back else front > back


def held_by_steps(value: Any) -> Literal["one_hot", "ids", "measured"] | None:
    """What a timestep of (samples, timesteps, columns) holds: a one among zeros, whole numbers, or measured values.

    A step of zeros alone is padding. `None` where the values cannot be read.
    """
    import numpy as np

    sample = sample_of(value, steps=COUNTED_STEPS)
    if sample is None or sample.ndim != 3 or not sample.size:
        return None
    ones = sample.sum(axis=-1)
    if np.isin(sample, (0, 1)).all() and (ones <= 1).all() and ones.mean() > 0.5:
        return "one_hot"
    return "ids" if (sample >= 0).all() and (sample == sample.round()).all() else "measured"


@dataclass(frozen=True)
class Counting:
    """A feature that goes up by one from row to row."""

    column: int
    from_start: bool
    """Whether its first value is 0 or 1: so an index begins, and no year and no clock."""


def counting_column(value: Any) -> Counting | None:
    """Which single feature only counts the rows, as a table's index does that was saved as a column.

    Takes a table (rows, features) or windows of one, (samples, timesteps, features), of five steps or more.
    """
    import numpy as np

    told = shape_of(value)
    if told is not None and len(told) not in (2, 3):
        return None
    sample = sample_of(value, steps=COUNTED_STEPS)
    if sample is None or sample.ndim not in (2, 3) or sample.shape[-2] < 5 or sample.shape[-1] < 2:
        return None
    steps = np.diff(sample, axis=-2).reshape(-1, sample.shape[-1])
    found = [place for place in range(sample.shape[-1]) if np.all(steps[:, place] == 1)]
    if len(found) != 1 or not sample.size:
        return None
    return Counting(found[0], float(sample.reshape(-1, sample.shape[-1])[0, found[0]]) in (0, 1))


def rows_overlap(value: Any) -> bool:
    """Whether each row is the one before, moved on by one: windows cut from one series."""
    sample = sample_of(value, 8)
    if sample is None or sample.ndim < 2 or sample.shape[0] < 3 or sample.shape[1] < 3:
        return False
    import numpy as np

    return bool(np.allclose(sample[1:, :-1], sample[:-1, 1:]))


_SPLIT = re.compile(
    r"(?<![a-z])(train(ing)?|test(ing)?|val(id(ation)?)?|va|dev|eval|holdout|tr|te|tst|trn|vali?|new|unseen|future)(?![a-z])",
    re.I,
)


_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_AT_AN_END = re.compile(r"(?i)(train|test|valid|val)$|^(train|test|valid|val)(?=[a-z]?$)")


@functools.lru_cache(maxsize=256)
def stem(name: str) -> str:
    """A variable's name without the word for its part of the data: `X_train` and `X_val` alike."""
    spaced = name.replace("_", " ")
    spaced = _HUMP.sub(" ", spaced)
    bare = _SPLIT.sub(" ", spaced)
    if bare == spaced:
        bare = _AT_AN_END.sub(" ", spaced)
    return "".join(bare.split()).lower()


def is_split_of(name: str, other: str) -> bool:
    """Whether two names are parts of one data set: `X_train` and `X_test`.

    Asked with one `other` of each name in a kernel, of which there may be many.
    """
    lower = name.lower()
    return (
        name != other
        and all(letter in lower for letter in stem(other))
        and stem(name) == stem(other)
        and (stem(name) != name.replace("_", "").lower() or stem(other) != other.replace("_", "").lower())
    )
