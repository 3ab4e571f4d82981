"""Mistakes as changes of a plan. Each says itself whether it can be made in a given plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drawing import plans
from hypothesis import strategies as st
from plan import IMPORTS, Layer, Notebook, Part, Plan, write

Mistake = Callable[[st.DrawFn, Plan], "Plan | None"]

# Arrays


X_OPS = {
    "flattened": "{v}.reshape(len({v}), -1)",
    "feature axis dropped": "{v}[..., 0]",
    "squeezed": "np.squeeze({v})",
    "transposed": "{v}.transpose(0, 2, 1)",
    "time major": "{v}.transpose(1, 0, 2)",
    "features doubled": "np.concatenate([{v}, {v}], axis=-1)",
    "a feature less": "{v}[..., 1:]",
    "a step less": "{v}[:, 1:]",
    "more steps": "np.concatenate([{v}, {v}], axis=1)",
    "one sample alone": "{v}[0]",
    "one step alone": "{v}[:, -1]",
    "an axis more at the end": "{v}[..., None]",
    "an axis more in front": "{v}[None]",
    "ragged": "[s[: 1 + i % len(s)] for i, s in enumerate({v})]",
    "ragged in an array": "np.array([*[s[: 1 + i % len(s)] for i, s in enumerate({v})], None], dtype=object)[:-1]",
    "nested lists": "{v}.tolist()",
    "a list of arrays": "list({v})",
    "objects": "{v}.astype(object)",
    "text": "{v}.astype(str)",
    "a table": "pd.DataFrame({v}.reshape(len({v}), -1))",
    "a table of sequences": "pd.DataFrame({{'sequence': list({v})}})",
    "nothing": "{v}[:0]",
    "no sample count": "{v}.ravel()",
    "samples less": "{v}[1:]",
}
ID_OPS = {
    name: X_OPS[name]
    for name in (
        "flattened", "squeezed", "one sample alone", "an axis more at the end", "an axis more in front", "ragged",
        "nested lists", "objects", "text", "a table", "a step less", "more steps", "samples less",
    )
} | {"one-hot": "np.eye(9)[np.asarray({v}).astype(int)]", "turned": "{v}.T"}  # fmt: skip
Y_OPS = {
    "samples less": "{v}[1:]",
    "an axis more": "{v}[..., None]",
    "two axes more": "{v}[..., None, None]",
    "doubled": "np.repeat({v}.reshape(len({v}), -1), 3, axis=-1)",
    "one-hot": "np.eye(4)[{v}.astype(int) % 4]",
    "ids": "{v}.argmax(-1)",
    "list": "{v}.tolist()",
    "objects": "{v}.astype(object)",
    "text": "{v}.astype(str)",
    "turned": "{v}.T",
    "steps lost": "{v}.reshape(len({v}), -1)[:, 0]",
    "for each step": "np.repeat({v}.reshape(len({v}), 1, -1), 3, axis=1)",
}


def put_in(draw: st.DrawFn, plan: Plan, part: Part, op: str) -> Part:
    """The mistake happens where the array is made, before the call, or in the call."""
    # The carrier comes last: a tensor has no `reshape`.
    carried = tuple(into for into in part.made_into if into.startswith(("tf.", "pd.")))
    if carried:
        plain = tuple(into for into in part.made_into if into not in carried)
        if (
            "[s[:" in op
            or "tolist" in op
            or "list(" in op
            or "object" in op
            or "DataFrame" in op
            or "str" in op
        ):
            carried = ()
        return replace(part, made_into=(*plain, op, *carried))
    # A dataset is made in the data cell, from the arrays as they are there.
    places = ("made",) if plan.dataset else ("made", "made", "lead", "renamed", "passed")
    place = draw(st.sampled_from(places))
    if place == "made":
        return replace(part, made_into=(*part.made_into, op))
    if place == "lead":
        return replace(part, lead=(op,))
    if place == "renamed":
        return replace(
            part, lead=(op,), lead_name=draw(st.sampled_from(("X_new", "batch", "entrée", part.name + "2")))
        )
    return replace(part, passed=op)


def wrong_x(draw: st.DrawFn, plan: Plan) -> Plan | None:
    ops = ID_OPS if plan.embedding else X_OPS
    name = draw(st.sampled_from(sorted(ops)))
    return plan.mistaken(f"x {name}", x=put_in(draw, plan, plan.x, ops[name]))


def wrong_y(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not plan.learns:
        return None
    name = draw(st.sampled_from(sorted(Y_OPS)))
    return plan.mistaken(f"y {name}", y=put_in(draw, plan, plan.y, Y_OPS[name]))


def wrong_validation(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not any("X_val" in extra for extra in plan.extras):
        return None
    extras = tuple(extra for extra in plan.extras if "X_val" not in extra)
    which = draw(st.sampled_from(("x", "x", "x", "y", "alone", "swapped")))
    if which == "alone":
        return plan.mistaken("validation without y", extras=(*extras, "validation_data=X_val"))
    if which == "swapped":
        return plan.mistaken("validation swapped", extras=(*extras, "validation_data=(y_val, X_val)"))
    ops = Y_OPS if which == "y" else ID_OPS if plan.embedding else X_OPS
    name = draw(st.sampled_from(sorted(ops)))
    held = "y_val" if which == "y" else "X_val"
    op = ops[name].format(
        v=f"np.asarray({held})" if draw(st.booleans()) or "tf." in str(plan.x) + str(plan.y) else held
    )
    if draw(st.booleans()):
        return plan.mistaken(f"validation {which} {name}", more_data=(*plan.more_data, f"{held} = {op}"))
    pair = f"(X_val, {op})" if which == "y" else f"({op}, y_val)"
    return plan.mistaken(f"validation {which} {name}", extras=(*extras, f"validation_data={pair}"))


# The model


def sequences_not_kept(draw: st.DrawFn, plan: Plan) -> Plan | None:
    places = [place for place, layer in enumerate(plan.layers) if layer.recurrent and layer.keeps]
    if not places:
        return None
    return _with_layer(
        plan,
        "return_sequences missing",
        draw(st.sampled_from(places)),
        lambda layer: layer.with_option("return_sequences", None),
    )


def sequences_kept(draw: st.DrawFn, plan: Plan) -> Plan | None:
    places = [place for place, layer in enumerate(plan.layers) if layer.recurrent and not layer.keeps]
    if not places:
        return None
    return _with_layer(
        plan, "return_sequences kept", places[-1], lambda layer: layer.with_option("return_sequences", "True")
    )


def _with_layer(plan: Plan, name: str, place: int, change: Callable[[Layer], Layer]) -> Plan:
    stack = list(plan.layers)
    stack[place] = change(stack[place])
    return plan.mistaken(name, layers=tuple(stack))


def wrong_declaration(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if plan.declared is None or plan.form == "subclass":
        return None
    N, T, F = plan.N, plan.T, plan.F
    if plan.embedding:
        choices = {"longer": f"({T + 1},)", "with samples": f"({N}, {T})", "of features": f"({T}, 1)"}
    else:
        choices = {
            "swapped": f"({F}, {T})",
            "with samples": f"({N}, {T}, {F})",
            "flat": f"({T * F},)",
            "wider": f"({T}, {F + 1})",
            "longer": f"({T + 1}, {F})",
            "longer and free": f"(None, {F + 1})",
            "steps alone": f"({T},)",
        }
    name = draw(st.sampled_from(sorted(choices)))
    return plan.mistaken(f"declared {name}", declared=choices[name])


def wrong_output(draw: st.DrawFn, plan: Plan) -> Plan | None:
    more = draw(st.sampled_from((1, 2)))
    last = len(plan.layers) - 1

    def change(layer: Layer) -> Layer:
        return replace(layer, arguments=(str(int(layer.arguments[0]) + more), *layer.arguments[1:]))

    return _with_layer(plan, f"{more} outputs more", last, change)


def wrong_loss(draw: st.DrawFn, plan: Plan) -> Plan | None:
    other = {
        "categorical_crossentropy": "sparse_categorical_crossentropy",
        "sparse_categorical_crossentropy": "categorical_crossentropy",
        "binary_crossentropy": "categorical_crossentropy",
        "mse": "categorical_crossentropy",
    }[plan.loss]
    return plan.mistaken(f"{other} for {plan.loss}", loss=other) if plan.learns else None


def layer_in_the_way(draw: st.DrawFn, plan: Plan) -> Plan | None:
    layer = draw(st.sampled_from((
        Layer("Flatten"), Layer("GlobalAveragePooling1D"), Layer("Reshape", ("(3, 3)",)), Layer("RepeatVector", ("2",)),
        Layer("Permute", ("(2, 1)",)), Layer("LSTM", ("2",)), Layer("Conv1D", ("2", "3")),
    )))  # fmt: skip
    place = draw(st.integers(1, len(plan.layers) - 1)) if len(plan.layers) > 1 else 0
    stack = (*plan.layers[:place], layer, *plan.layers[place:])
    return plan.mistaken(f"{layer.kind} in the way", layers=stack)


# The call


def stateful_remainder(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not plan.stateful or plan.batch < 2 or plan.dataset:
        return None
    short = plan.N - draw(st.integers(1, plan.batch - 1))
    if short < 1:
        return None
    op = f"{{v}}[:{short}]"
    return plan.mistaken("remainder", x=put_in(draw, plan, plan.x, op), y=put_in(draw, plan, plan.y, op))


def dataset_unbatched(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if plan.dataset is None:
        return None
    more = tuple(line.rsplit(".batch", 1)[0] for line in plan.more_data)
    return plan.mistaken("dataset not batched", more_data=more)


def dataset_batched_twice(draw: st.DrawFn, plan: Plan) -> Plan | None:
    return None if plan.dataset is None else plan.mistaken("dataset batched twice", dataset="ds.batch(2)")


def wrong_weight(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not any("sample_weight" in extra for extra in plan.extras):
        return None
    size = draw(
        st.sampled_from((f"{plan.N - 1}", f"({plan.N}, 3)", f"({plan.N}, 1, 2)", f"({plan.N}, {plan.T + 1})"))
    )
    return plan.mistaken(f"weights of {size}", more_data=(f"weights = np.ones({size})",))


def y_forgotten(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not plan.learns or plan.dataset:
        return None
    return plan.mistaken("no y", y=replace(plan.y, passed="None", lead=()))


def x_and_y_swapped(draw: st.DrawFn, plan: Plan) -> Plan | None:
    if not plan.learns or plan.dataset:
        return None
    return plan.mistaken("x and y swapped", x=plan.y, y=plan.x)


IN_DATA: tuple[Mistake, ...] = (wrong_x, wrong_x, wrong_x, wrong_validation)
ELSEWHERE: tuple[Mistake, ...] = (
    wrong_y, wrong_y, sequences_not_kept, sequences_not_kept, sequences_kept, sequences_kept, wrong_declaration,
    wrong_declaration, wrong_output, wrong_loss, layer_in_the_way, stateful_remainder, dataset_unbatched,
    dataset_batched_twice, wrong_weight, y_forgotten, x_and_y_swapped,
)  # fmt: skip


@st.composite
def notebooks(draw: st.DrawFn, mistakes: tuple[Mistake, ...]) -> Notebook:
    """A notebook with one of these mistakes in it, now and then with two."""
    plan = draw(plans())
    for number in range(2 if draw(st.integers(0, 9)) == 0 else 1):
        made = draw(st.sampled_from(mistakes))(draw, plan) or wrong_x(draw, plan)
        if made is None or (number and made.mistakes[-1] in plan.mistakes):
            break
        plan = made
    wrong = plan.x.passed != "{v}" or plan.x.lead_name is not None
    if wrong and plan.entry == "fit" and plan.dataset is None and draw(st.booleans()):
        # The mistake comes after a good call on the same model.
        plan = plan.put(
            before=(f"{plan.model}.fit({plan.x.name}, {plan.y.name}, verbose=0, batch_size={plan.batch})",)
        )
    return write(plan)


@st.composite
def correct_notebooks(draw: st.DrawFn) -> Notebook:
    """A notebook without a mistake."""
    if draw(st.integers(0, 9)) == 0:
        return draw(states(right=True))
    return write(draw(plans()))


@st.composite
def states(draw: st.DrawFn, right: bool = False) -> Notebook:
    """Initial states: of a layer called by itself, or as further inputs of a model."""
    N, T, F, units = (draw(st.integers(low, high)) for low, high in ((2, 6), (1, 5), (1, 4), (1, 5)))
    kind, count = draw(st.sampled_from((("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1))))
    size = f"({N}, {units})"
    mistake = ""
    if not right:
        wrong = {
            "state wider": f"({N}, {units + 1})",
            "state of more samples": f"({N + 1}, {units})",
            "state turned": f"({units}, {N})",
            "state without samples": f"({units},)",
            "state with an axis more": f"({N}, 1, {units})",
            "a state more": size,
        }
        mistake = draw(st.sampled_from(sorted(wrong)))
        size = wrong[mistake]
        count += mistake == "a state more"
    names = [f"s{number}" for number in range(count)]
    data = "\n".join(
        [
            IMPORTS + f"keras.utils.set_random_seed({draw(st.integers(0, 99))})",
            f"X = np.random.default_rng(1).normal(size=({N}, {T}, {F})).astype('float32')",
            *(f"{name} = np.full({size}, 0.5, 'float32')" for name in names),
        ]
    )
    given = ", ".join(names)
    display = draw(st.sampled_from(("none", "text")))
    if draw(st.booleans()):
        cells = (data, f"rnn = layers.{kind}({units})", f"out = rnn(X, initial_state=[{given}])")
        return Notebook(cells, True, right, display, False, mistake)
    wanted = 2 if kind == "LSTM" else 1
    ins = [f"in_{number}" for number in range(wanted)]
    model = "\n".join(
        [
            f"seq = keras.Input(({T}, {F}))",
            *(f"{one} = keras.Input(({units},))" for one in ins),
            f"h = layers.{kind}({units})(seq, initial_state=[{', '.join(ins)}])",
            f"model = keras.Model([seq, {', '.join(ins)}], layers.Dense(1)(h))",
        ]
    )
    call = draw(st.sampled_from(("model.predict([X, {}], verbose=0)", "model([X, {}])"))).format(given)
    return Notebook((data, model, f"out = {call}"), True, right, display, True, mistake)
