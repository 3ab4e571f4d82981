"""Which calls a rehearsal may carry out: by what they are, never by trying them."""

from __future__ import annotations

import random
import re
import types
from typing import Any, Literal

import numpy as np

Judgement = Literal["run", "nothing", "quiet", "opaque"]
"""`run` it; leave it out as if it had done nothing; leave it out, its result does not matter (a plot,
a log, a file); leave it out, nothing is known of what it does."""

Family = Literal[
    "module", "array", "container", "scalar", "frame", "keras", "tensor", "symbolic", "dataset",
    "random", "estimator", "function", "type", "torch", "foreign",
]  # fmt: skip

PURE = frozenset(
    [
        "numpy",
        "keras",
        "tf_keras",
        "tensorflow",
        "pandas",
        "sklearn",
        "scipy",
        "einops",
        "math",
        "itertools",
        "functools",
        "collections",
        "operator",
        "copy",
        "string",
        "re",
        "_sre",
        "datetime",
        "statistics",
        "dataclasses",
        "typing",
        "enum",
        "numbers",
        "fractions",
        "decimal",
        "random",
        "abc",
        "contextlib",
        "types",
        "_operator",
        "_functools",
        "_collections",
        "_random",
        "bisect",
        "_bisect",
        "heapq",
        "_heapq",
        "textwrap",
    ]
)
QUIET_MODULES = frozenset(
    [
        "matplotlib",
        "mpl_toolkits",
        "seaborn",
        "plotly",
        "bokeh",
        "altair",
        "IPython",
        "ipywidgets",
        "logging",
        "absl",
        "warnings",
        "os",
        "posix",
        "posixpath",
        "ntpath",
        "sys",
        "shutil",
        "pathlib",
        "json",
        "pickle",
        "_pickle",
        "joblib",
        "csv",
        "gc",
        "pprint",
        "tensorboard",
        "wandb",
        "mlflow",
        "io",
        "_io",
        "h5py",
        "yaml",
        "pydot",
        "visualkeras",
        "time",
        "datetime",
    ]
) - {"datetime"}
BUILTINS = frozenset(
    [
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "bool",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "complex",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "hasattr",
        "hash",
        "hex",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "object",
        "oct",
        "ord",
        "pow",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
        "super",
        "setattr",
    ]
)
NOTHING = frozenset(
    [
        "print",
        "print_v2",
        "display",
        "summary",
        "seed",
        "set_seed",
        "set_random_seed",
        "clear_session",
        "set_floatx",
        "set_image_data_format",
        "enable_interactive_logging",
        "disable_interactive_logging",
        "simplefilter",
        "filterwarnings",
        "sleep",
        "collect",
        "set_memory_growth",
        "set_visible_devices",
        "set_logical_device_configuration",
        "set_verbosity",
        "enable_traceback_filtering",
        "disable_traceback_filtering",
        "run_functions_eagerly",
        "enable_eager_execution",
        "set_printoptions",
        "set_option",
        "seterr",
        "enable_op_determinism",
        "set_num_threads",
        "set_inter_op_parallelism_threads",
        "set_intra_op_parallelism_threads",
        "set_jit",
    ]
)
_WITH_SETTINGS = ("tensorflow", "keras", "tf_keras", "numpy", "pandas", "sklearn")
_SETTINGS = ("set_", "enable_", "disable_", "experimental_run_functions")
"""Functions of a module that set what holds for the whole process."""
_FILES = re.compile(
    r"^(save|load|savez|savetxt|loadtxt|read|write|dump|export|fetch|get_file|genfromtxt|fromfile|tofile|"
    r"memmap|open|to_(csv|excel|json|parquet|pickle|feather|hdf|sql|clipboard|markdown|html|latex|xml|stata)|"
    r"plot|hist|boxplot|model_to_dot|extract_archive|download|image_dataset|text_dataset|audio_dataset|"
    r"py_function|numpy_function|as_numpy_iterator|from_generator|snapshot|require|exit|eval|query|restore|get_global_generator)"
    r"(_.*|)$"
)
_QUIET_NAMES = re.compile(r"^(save|write|dump|export|tofile|to_|plot|hist|boxplot|model_to_dot)")
_SLOW_MODULES = re.compile(
    r"(linalg|\.fft|\.saved_model|\.summary|\.profiler|\.distribute|tensorflow.*\.io\b)"
)
_ESTIMATORS = re.compile(r"^sklearn\.(preprocessing|model_selection\._split|metrics|utils|impute)")


def top_module(value: Any) -> str:
    """The top-level package a function or class says it is from."""
    module = getattr(value, "__module__", None)
    if not isinstance(module, str):
        module = getattr(type(value), "__module__", "") or ""
    return module.split(".", 1)[0]


def judge(function: Any) -> Judgement:
    """What to do with a call of a library's function, class or bound method."""
    if isinstance(function, np.ufunc):
        return "run"
    try:
        name = getattr(function, "__name__", "") or ""
        owner = getattr(function, "__self__", None)
    except Exception:
        return "opaque"
    if isinstance(owner, types.ModuleType):
        owner = None
    module = str(getattr(function, "__module__", None) or "")
    top = top_module(function) if owner is None or module else top_module(type(owner))
    if name.startswith(_SETTINGS) and top in _WITH_SETTINGS and isinstance(function, types.FunctionType):
        return "nothing"
    if name in NOTHING and (top in PURE or top in QUIET_MODULES or top == "builtins"):
        return "nothing"
    if top == "builtins":
        if isinstance(function, type) and issubclass(function, BaseException):
            return "run"
        return "run" if name in BUILTINS else ("quiet" if name == "open" else "opaque")
    if top in QUIET_MODULES:
        return "run" if (top, name) in _CLOCKS else "quiet"
    if top not in PURE:
        return "opaque"
    if _FILES.match(name):
        return "quiet" if _QUIET_NAMES.match(name) else "opaque"
    if top in ("tensorflow", "scipy", "numpy") and _SLOW_MODULES.search(module):
        return "run" if name == "norm" else "opaque"
    if top in ("keras", "tf_keras") and ".datasets" in module:
        return "opaque"
    if top == "sklearn":
        if isinstance(function, type) or owner is not None:
            kind = (
                function if isinstance(function, type) else owner if isinstance(owner, type) else type(owner)
            )
            return "run" if _ESTIMATORS.match(str(kind.__module__)) else "opaque"
        return "run" if _ESTIMATORS.match(module) else "opaque"
    return "run"


_CLOCKS = {
    ("time", name) for name in ("time", "perf_counter", "monotonic", "process_time", "strftime", "localtime")
}


_FIXED_IN_TORCH = ("dtype", "device", "layout", "memory_format", "qscheme", "finfo", "iinfo")
_families: dict[type, Family] = {}


def family(kind: type) -> Family:
    """What sort of thing instances of a class are."""
    known = _families.get(kind)
    if known is None:
        if len(_families) > 2000:
            _families.clear()
        known = _families[kind] = _family(kind)
    return known


def _family(kind: type) -> Family:
    if issubclass(kind, types.ModuleType):
        return "module"
    if issubclass(kind, (np.ndarray, np.generic)):
        return "array"
    if issubclass(kind, type):
        return "type"
    if kind.__module__ in ("builtins", "collections", "types", "functools", "_collections", "itertools"):
        if kind in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
            return "function"
        if issubclass(kind, (list, dict, set, bytearray)) or kind.__module__ in (
            "collections",
            "_collections",
        ):
            return "container"
        return "scalar"
    if issubclass(kind, (np.random.Generator, np.random.RandomState, random.Random)):
        return "random"
    top = str(kind.__module__ or "").split(".", 1)[0]
    bases = kind.__mro__
    if any(base.__name__ == "KerasTensor" for base in bases):
        return "symbolic"
    roots = {str(base.__module__ or "").split(".", 1)[0] for base in bases}
    if "keras" in roots or "tf_keras" in roots:
        return "keras"
    if "torch" in roots:
        # Sizes, types and devices never change; what is computed or trained may.
        fixed = issubclass(kind, tuple) and "PackedSequence" not in {base.__name__ for base in bases}
        return "scalar" if fixed or kind.__name__ in _FIXED_IN_TORCH else "torch"
    if top == "pandas":
        return "frame"
    if top == "tensorflow":
        return "dataset" if any(base.__name__ == "DatasetV2" for base in bases) else "tensor"
    if top == "sklearn":
        return "estimator"
    if top in ("numpy", "datetime", "decimal", "fractions", "re", "enum"):
        return "scalar"
    return "foreign"


def is_iterator(value: Any) -> bool:
    """Whether reading it would use it up."""
    return hasattr(type(value), "__next__")


def size_of(value: Any) -> int:
    """About how many elements work on the value would pass over."""
    kind = type(value)
    if kind in (list, tuple):
        if not value:
            return 0
        first = value[0]
        inner = size_of(first) if len(value) and first is not value else 1
        return len(value) * max(1, inner)
    if kind in (dict, set, str, bytes):
        return len(value)
    if family(kind) in ("array", "frame", "tensor"):
        try:
            shape = value.shape
            size = 1
            for length in shape:
                size *= int(length or 1)
        except Exception:
            return 1
        return size
    return 1
