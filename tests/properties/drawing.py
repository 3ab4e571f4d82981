"""Draws the plan of a notebook without a mistake: architecture, sizes, data, entry, names."""

from __future__ import annotations

from hypothesis import strategies as st
from plan import Layer, Part, Plan

X_NAMES = (
    "X",
    "X_train",
    "x",
    "data",
    "seq",
    "features",
    "données",
    "χ",
    "入力",
    "ряд",
    "X_2d",
    "_x",
    "ﬁche",
)
Y_NAMES = ("y", "Y_train", "labels", "targets", "ψ", "ziel", "y_", "étiquettes")
MODEL_NAMES = ("model", "net", "rnn", "modèle", "模型", "m1")
VOCABULARY = 9


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A notebook that runs, and that rnnmagic has nothing to say about."""
    N, T, F = draw(st.integers(4, 12)), draw(st.integers(1, 6)), draw(st.integers(1, 5))
    # Sizes that agree hide which axis is which.
    same = draw(st.sampled_from(("", "", "", "N=T", "T=F", "F=1", "N=F", "all")))
    if same in ("N=T", "all"):
        N = T = max(T, 4)
    if same in ("T=F", "all"):
        F = T
    if same == "F=1":
        F = 1
    if same == "N=F":
        F = N
    head = draw(st.sampled_from(("vector", "vector", "vector", "steps", "seq2seq")))
    embedding = draw(st.integers(0, 7)) == 0
    stateful = not embedding and draw(st.integers(0, 7)) == 0
    plan = _model(draw, N, T, F, head, embedding, stateful)
    plan = _target(draw, plan)
    return _call(draw, plan)


def _recurrent(draw: st.DrawFn, keeps: bool, stateful: bool) -> Layer:
    kind = draw(st.sampled_from(("SimpleRNN", "SimpleRNN", "LSTM", "GRU")))
    layer = Layer(kind, (str(draw(st.integers(1, 6))),))
    if keeps:
        layer = layer.with_option("return_sequences", "True")
    if stateful:
        return layer.with_option("stateful", "True")
    extra = draw(
        st.sampled_from(("", "", "", "dropout", "recurrent_dropout", "unroll", "backwards", "two", "two"))
    )
    if extra in ("dropout", "recurrent_dropout"):
        layer = layer.with_option(extra, "0.2")
    elif extra == "unroll":
        layer = layer.with_option("unroll", "True")
    elif extra == "backwards":
        layer = layer.with_option("go_backwards", "True")
    elif extra == "two":
        layer = Layer(layer.kind, layer.arguments, layer.options, "Bidirectional")
    return layer


def _model(draw: st.DrawFn, N: int, T: int, F: int, head: str, embedding: bool, stateful: bool) -> Plan:
    stack: list[Layer] = []
    masked = False
    if embedding:
        masked = draw(st.booleans())
        first = Layer("Embedding", (str(VOCABULARY), str(draw(st.integers(2, 5)))))
        stack.append(first.with_option("mask_zero", "True") if masked else first)
    else:
        before = draw(
            st.sampled_from(
                (
                    "",
                    "",
                    "",
                    "",
                    "Masking",
                    "Conv1D",
                    "LayerNormalization",
                    "BatchNormalization",
                    "Dropout",
                    "TimeDistributed",
                )
            )
        )
        masked = before == "Masking"
        if before == "Conv1D":
            padding = draw(st.sampled_from(("same", "causal")))
            stack.append(Layer("Conv1D", ("3", "2"), (("padding", repr(padding)),)))
        elif before == "TimeDistributed":
            stack.append(Layer("Dense", ("3",), (), "TimeDistributed"))
        elif before:
            stack.append(Layer(before, ("0.2",) if before == "Dropout" else ()))
    depth = draw(st.sampled_from((1, 1, 2, 2, 3) if T < 4 else (1, 1, 2)))
    for place in range(depth):
        last = place == depth - 1
        stack.append(_recurrent(draw, keeps=head == "steps" or not last, stateful=stateful))
        if not last and draw(st.integers(0, 4)) == 0:
            stack.append(Layer("Dropout", ("0.1",)))
    steps = T
    if head == "seq2seq":
        steps = draw(st.integers(1, 4))
        stack.append(Layer("RepeatVector", (str(steps),)))
        stack.append(_recurrent(draw, keeps=True, stateful=stateful))
    elif head == "vector":
        between = draw(
            st.sampled_from(("", "", "", "Dropout", "BatchNormalization", "LayerNormalization", "Dense"))
        )
        if between:
            stack.append(Layer(between, {"Dropout": ("0.3",), "Dense": ("4", "'relu'")}.get(between, ())))
    K = draw(st.integers(1, 4))
    forms = (
        ("list", "list", "add", "functional")
        if stateful
        else ("list", "list", "add", "functional", "subclass")
    )
    form = draw(st.sampled_from(forms))
    shape = f"({T},)" if embedding else f"({T}, {F})"
    free = "(None,)" if embedding else f"(None, {F})"
    declared: str | None = shape
    if form == "subclass":
        declared = None
    elif not stateful:
        declared = draw(
            st.sampled_from((shape, shape, free, None) if form != "functional" else (shape, free))
        )
    if declared == free and any(("unroll", "True") in layer.options for layer in stack):
        declared = shape  # what is unrolled must know its length
    N = max(N, T) if N == T else N
    batch = 32
    if stateful:
        batch = draw(st.integers(1, 4))
        N = batch * draw(st.integers(1, 3))
    name = draw(st.sampled_from(X_NAMES))
    made, into = _x(draw, N, T, F, embedding, masked)
    return Plan(
        N, T, F, K, draw(st.integers(0, 99)),
        Part(name, made, into), Part("y", ""), tuple(stack), form, declared,
        batch_shape=stateful,
        first=form in ("list", "add") and declared is not None and not stateful and draw(st.integers(0, 5)) == 0,
        model=draw(st.sampled_from(MODEL_NAMES)),
        optimizer=draw(st.sampled_from(("adam", "sgd", "rmsprop"))),
        head=head, steps=steps, batch=batch, embedding=embedding, stateful=stateful,
    )  # fmt: skip


def _x(draw: st.DrawFn, N: int, T: int, F: int, embedding: bool, masked: bool) -> tuple[str, tuple[str, ...]]:
    if embedding:
        made = f"rng.integers(1, {VOCABULARY}, size=({N}, {T}))"
        return made, draw(st.sampled_from(((), ("tf.constant({v})",), ("{v}.astype('float32')",))))
    made = f"rng.normal(size=({N}, {T}, {F}))"
    into = draw(
        st.sampled_from(
            (
                ("{v}.astype('float32')",),
                ("{v}.astype('float32')",),
                (),
                ("({v} * 9).astype('int64')",),
                ("np.array({v}.tolist())",),
                ("tf.constant({v}, 'float32')",),
            )
        )
    )
    if masked and T > 1:
        into = (
            f"np.where(np.arange({T})[:, None] < rng.integers(1, {T + 1}, size=({N}, 1, 1)), {{v}}, 0.0)",
            *into,
        )
    return made, into


def _target(draw: st.DrawFn, plan: Plan) -> Plan:
    N, K, vector = plan.N, plan.K, plan.head == "vector"
    steps = plan.steps
    lead = f"{N}" if vector else f"{N}, {steps}"
    kind = draw(st.sampled_from(("mse", "mse", "bce", "scce", "cce")))
    if kind == "mse":
        made, loss, units, activation = f"rng.normal(size=({lead}, {K}))", "mse", K, None
    elif kind == "bce":
        made, loss, units, activation = (
            f"rng.integers(0, 2, size=({lead}, 1))",
            "binary_crossentropy",
            1,
            "sigmoid",
        )
    else:
        K = max(K, 2)
        units, activation = K, "softmax"
        made, loss = f"rng.integers(0, {K}, size=({lead}))", "sparse_categorical_crossentropy"
        if kind == "cce":
            made, loss = f"np.eye({K})[rng.integers(0, {K}, size=({lead}))]", "categorical_crossentropy"
    into: tuple[str, ...] = draw(st.sampled_from(((), ("{v}.astype('float32')",))))
    if vector and units == 1 and kind in ("mse", "bce") and draw(st.booleans()):
        into = (*into, "{v}[:, 0]")
        if draw(st.integers(0, 3)) == 0:
            into = (*into, "pd.Series({v})")
    elif draw(st.integers(0, 5)) == 0:
        into = (*into, "tf.constant({v})")
    last = Layer("Dense", (str(units), *(() if activation is None else (repr(activation),))))
    if not vector and draw(st.booleans()):
        last = Layer(last.kind, last.arguments, (), "TimeDistributed")
    metrics = draw(st.sampled_from(("", "", "mae" if kind == "mse" else "accuracy")))
    name = draw(st.sampled_from(Y_NAMES))
    return plan.put(
        layers=(*plan.layers, last),
        y=Part(name, made, into),
        loss=loss,
        K=units,
        target=kind,
        metrics=metrics,
    )


def _call(draw: st.DrawFn, plan: Plan) -> Plan:
    entry = draw(
        st.sampled_from(("fit", "fit", "fit", "fit", "evaluate", "predict", "train_on_batch", "call"))
    )
    if plan.stateful and entry in ("train_on_batch", "call") and plan.batch != plan.N:
        entry = "fit"
    extras: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    dataset = None
    x, y = plan.x.name, plan.y.name
    if entry == "fit":
        kind = draw(st.sampled_from(("", "", "data", "split", "weight", "dataset")))
        if plan.stateful:
            extras = ("shuffle=False",)
            kind = draw(st.sampled_from(("", "data", "dataset")))
        if kind == "data":
            size = plan.batch if plan.stateful else min(3, plan.N)
            more = (f"X_val, y_val = {x}[:{size}], {y}[:{size}]",)
            extras = (*extras, "validation_data=(X_val, y_val)")
        elif kind == "split":
            extras = (*extras, "validation_split=0.3")
        elif kind == "weight":
            shape = f"{plan.N}" if plan.head == "vector" else f"({plan.N}, {plan.steps})"
            more = (f"weights = np.ones({shape})",)
            extras = (*extras, "sample_weight=weights")
        elif kind == "dataset":
            more = (f"ds = tf.data.Dataset.from_tensor_slices(({x}, {y})).batch({plan.batch})",)
            dataset = "ds"
    elif entry == "call":
        extras = draw(st.sampled_from(((), ("training=True",))))
    elif entry == "predict" and draw(st.integers(0, 4)) == 0:
        more = (f"ds = tf.data.Dataset.from_tensor_slices({x}).batch({plan.batch})",)
        dataset = "ds"
    eager = draw(st.integers(0, 11)) != 11
    return plan.put(
        entry=entry,
        extras=extras,
        more_data=more,
        dataset=dataset,
        layout=draw(st.sampled_from(("separate", "separate", "together", "one"))),
        assigned=draw(st.sampled_from((None, "history", "résultat"))),
        eager=eager,
        jit=eager,
        display=draw(st.sampled_from(("none", "none", "text", "html"))),
    )
