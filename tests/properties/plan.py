"""A random notebook: the plan of it, that mistakes change, and its cells, written from the plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

RECURRENT = ("LSTM", "GRU", "SimpleRNN")
MODEL_CALLS = ("fit", "evaluate", "predict", "train_on_batch", "call")


@dataclass(frozen=True)
class Notebook:
    """Cells of source text, the last of which calls the model (or a layer)."""

    cells: tuple[str, ...]
    eager: bool = True
    """Run functions eagerly: ten times faster, and with other error messages than a graph."""
    correct: bool = False
    """Whether it was written without a mistake."""
    display: str = "none"
    on_model: bool = True
    """Whether the last statement calls a model, whose state is then rolled back after a shape error."""
    mistake: str = ""

    def __repr__(self) -> str:
        # What hypothesis prints of a falsifying example: to be read, and to be pasted into a test.
        cells = "\n".join(f"# %%\n{cell}" for cell in self.cells)
        told = f"# mistake: {self.mistake or '-'}, eager={self.eager}, display={self.display!r}"
        return f"a notebook:\n{told}, on_model={self.on_model}\n{cells}\n# (end)"


@dataclass(frozen=True)
class Layer:
    """One line of a model. `options` are keyword arguments as text."""

    kind: str
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    wrapper: str | None = None

    @property
    def recurrent(self) -> bool:
        return self.kind in RECURRENT

    @property
    def keeps(self) -> bool:
        return ("return_sequences", "True") in self.options

    def with_option(self, name: str, value: str | None) -> Layer:
        options = tuple(pair for pair in self.options if pair[0] != name)
        return replace(self, options=options if value is None else (*options, (name, value)))

    def text(self, extra: str = "") -> str:
        words = [*self.arguments, *(f"{name}={value}" for name, value in self.options)]
        if extra and self.wrapper is None:
            words.append(extra)
        inner = f"layers.{self.kind}({', '.join(words)})"
        if self.wrapper is None:
            return inner
        return f"layers.{self.wrapper}({inner}{', ' + extra if extra else ''})"


@dataclass(frozen=True)
class Part:
    """One array of the notebook: its name, the code that makes it, and what is done to it, in order."""

    name: str
    made: str
    made_into: tuple[str, ...] = ()
    """Expressions with `{v}` for the variable, in the data cell."""
    lead: tuple[str, ...] = ()
    """The same, at the head of the last cell."""
    lead_name: str | None = None
    """The name given to the result of `lead`; the variable itself when `None`."""
    passed: str = "{v}"
    """As it stands in the call."""

    def argument(self) -> str:
        return self.passed.format(v=self.lead_name if self.lead and self.lead_name else self.name)


@dataclass(frozen=True)
class Plan:
    """Everything that is drawn. Sizes: N samples, T timesteps, F features, K outputs."""

    N: int
    T: int
    F: int
    K: int
    seed: int
    x: Part
    y: Part
    layers: tuple[Layer, ...]
    form: str = "list"
    """list, add, functional, subclass"""
    declared: str | None = None
    """The shape in the `Input`, as text; `None` for a model that learns it from the data."""
    batch_shape: bool = False
    first: bool = False
    """Declared by `input_shape=` of the first layer."""
    model: str = "model"
    loss: str = "mse"
    metrics: str = ""
    optimizer: str = "adam"
    jit: bool = True
    head: str = "vector"
    """vector, steps or seq2seq"""
    steps: int = 1
    """Timesteps of the answer, where it has any."""
    target: str = "mse"
    entry: str = "fit"
    extras: tuple[str, ...] = ()
    """Further arguments of the call."""
    before: tuple[str, ...] = ()
    """Statements of the last cell before the call."""
    more_data: tuple[str, ...] = ()
    """Statements at the end of the data cell."""
    dataset: str | None = None
    """Written in place of `x, y`, when the data comes as a `tf.data.Dataset`."""
    batch: int = 32
    layout: str = "separate"
    """separate, together (model and call in one cell), one (everything in one cell)"""
    assigned: str | None = None
    embedding: bool = False
    stateful: bool = False
    eager: bool = True
    display: str = "none"
    mistakes: tuple[str, ...] = field(default=())

    def put(self, **changes: object) -> Plan:
        return replace(self, **changes)  # type: ignore[arg-type]

    def mistaken(self, name: str, **changes: object) -> Plan:
        return self.put(mistakes=(*self.mistakes, name), **changes)

    @property
    def learns(self) -> bool:
        return self.entry in ("fit", "evaluate", "train_on_batch")


IMPORTS = """\
import keras, numpy as np, pandas as pd, tensorflow as tf
from keras import layers
"""


def data_cell(plan: Plan) -> str:
    rows = [f"keras.utils.set_random_seed({plan.seed})", f"rng = np.random.default_rng({plan.seed})"]
    for part in (plan.x, plan.y):
        rows.append(f"{part.name} = {part.made}")
        rows += [f"{part.name} = {into.format(v=part.name)}" for into in part.made_into]
    return IMPORTS + "\n".join([*rows, *plan.more_data])


def model_cell(plan: Plan) -> str:
    shape = None
    if plan.declared is not None:
        shape = f"batch_shape=({plan.batch}, {plan.declared[1:]}" if plan.batch_shape else plan.declared
    extra = ""
    if plan.first and plan.declared is not None:
        extra, shape = f"input_shape={plan.declared}", None
    lines = [layer.text(extra if place == 0 else "") for place, layer in enumerate(plan.layers)]
    writer = {"list": _as_list, "add": _by_add, "functional": _functional, "subclass": _subclass}[plan.form]
    rows = writer(plan.model, shape, lines)
    if plan.entry != "call":
        words = [repr(plan.optimizer), repr(plan.loss)]
        if plan.metrics:
            words.append(f"metrics=[{plan.metrics!r}]")
        if not plan.jit:
            words.append("jit_compile=False")
        rows.append(f"{plan.model}.compile({', '.join(words)})")
    return "\n".join(rows)


def _as_list(name: str, shape: str | None, lines: list[str]) -> list[str]:
    inner = [*([] if shape is None else [f"keras.Input({shape})"]), *lines]
    return [f"{name} = keras.Sequential([", *(f"    {line}," for line in inner), "])"]


def _by_add(name: str, shape: str | None, lines: list[str]) -> list[str]:
    inner = [*([] if shape is None else [f"keras.Input({shape})"]), *lines]
    return [f"{name} = keras.Sequential()", *(f"{name}.add({line})" for line in inner)]


def _functional(name: str, shape: str | None, lines: list[str]) -> list[str]:
    rows = [f"inputs = keras.Input({shape})", "h = inputs"]
    return [*rows, *(f"h = {line}(h)" for line in lines), f"{name} = keras.Model(inputs, h)"]


def _subclass(name: str, shape: str | None, lines: list[str]) -> list[str]:
    rows = ["class Net(keras.Model):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        self.layer_{place} = {line}" for place, line in enumerate(lines)]
    rows += ["", "    def call(self, x):"]
    rows += [f"        x = self.layer_{place}(x)" for place in range(len(lines))]
    return [*rows, "        return x", "", f"{name} = Net()"]


def call_cell(plan: Plan) -> str:
    rows = []
    for part in (plan.x, plan.y):
        name = part.name
        for into in part.lead:
            rows.append(f"{part.lead_name or part.name} = {into.format(v=name)}")
            name = part.lead_name or part.name
    rows += plan.before
    x, y = plan.x.argument(), plan.y.argument()
    given = [plan.dataset] if plan.dataset is not None else [x, y] if plan.learns else [x]
    words = [*given, *plan.extras]
    method = {"call": plan.model}.get(plan.entry, f"{plan.model}.{plan.entry}")
    if plan.entry in ("fit", "evaluate", "predict"):
        if plan.dataset is None:
            words.append(f"batch_size={plan.batch}")
        words.append("verbose=0")
    told = f"{method}({', '.join(words)})"
    rows.append(f"{plan.assigned} = {told}" if plan.assigned else told)
    return "\n".join(rows)


def write(plan: Plan) -> Notebook:
    """The cells of a plan."""
    data, model, call = data_cell(plan), model_cell(plan), call_cell(plan)
    cells: tuple[str, ...] = (data, model, call)
    if plan.layout == "together":
        cells = (data, f"{model}\n{call}")
    elif plan.layout == "one":
        cells = (f"{data}\n{model}\n{call}",)
    return Notebook(cells, plan.eager, not plan.mistakes, plan.display, mistake=" + ".join(plan.mistakes))
