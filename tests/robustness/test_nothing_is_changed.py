"""A rehearsal runs the statements after an edit, and none of them may change what is the user's.

Each statement here would, where it was run as it stands: it is rehearsed as the rest of a cell that failed on
its first line, and then everything in the notebook must be what it was, iterators and files included.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("pandas")
pytest.importorskip("sklearn")

from rnnmagic.rehearsal import Script, rehearse  # noqa: E402

MADE = """
import bisect, collections, collections.abc, copy, functools, heapq, io, itertools, operator, random, types
import keras, numpy as np, pandas as pd, sklearn.preprocessing as skp, tensorflow as tf
from keras import layers
df = pd.DataFrame(dict(a=range(6), b=range(6, 0, -1))); ser = pd.Series(range(5)); floats = df * 1.5
arr = np.arange(6.0); G = np.linspace(-3, 3, 24).reshape(2, 4, 3).astype("float32"); masked = np.ma.array([1.0, 2.0], mask=[0, 1])
lst = [3, 1, 2]; nested = [[1], [2]]; d = dict(a=1, b=2); st = {1, 2}; dq = collections.deque([1, 2, 3])
ct = collections.Counter("aab"); od = collections.OrderedDict(a=1, b=2); ba = bytearray(b"abc")
dd = collections.defaultdict(list); cm = collections.ChainMap({"q": 1}); sn = types.SimpleNamespace(a=1)
it = iter([1, 2, 3]); zi = zip([1, 2, 3], [4, 5, 6]); en = enumerate("abc"); mp = map(str, [1, 2, 3])
gen = (i for i in range(5)); cnt = itertools.count(); fh = io.StringIO("a\\nb\\nc\\n"); its = [iter([1, 2])]
rng = np.random.default_rng(0); rs = np.random.RandomState(3); pr = random.Random(3)
v = tf.Variable([1.0, 2.0]); tg = tf.random.Generator.from_seed(3)
table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1); di = iter(tf.data.Dataset.range(5))
kv = keras.Variable([1.0, 2.0]); lay = layers.Dense(3); lay.build((None, 3)); met = keras.metrics.Mean()
old = keras.Sequential([keras.Input((4, 3)), layers.LSTM(2), layers.Dense(1)]); old.compile("adam", "mse")
opt = keras.optimizers.Adam(); scaler = skp.StandardScaler().fit(G[0]); seeds = keras.random.SeedGenerator(1)
ran = []
class Own(layers.Dense):
    @property
    def width(self): ran.append("width"); return 1
    @functools.cached_property
    def depth(self): ran.append("depth"); return 1
    def __len__(self): ran.append("len"); return 1
    def __getitem__(self, k): ran.append("item"); return 1
    def __iter__(self): ran.append("iter"); return iter([1])
    def __str__(self): ran.append("str"); return "own"
    def __enter__(self): ran.append("enter")
    def __exit__(self, *error): ran.append("exit")
own = Own(2)
"""

STATEMENTS = """
df.pop('b')
df.insert(0, 'c', 1)
df.update(df * 2)
df.isetitem(0, [9] * 6)
df.__setitem__('c', 1)
df.__delitem__('a')
df.sort_values('b', inplace=True)
df.iloc[0, 0] = 77
df['a'] += 1
df['c'] = 3
del df['a']
ser.pop(1)
ser.update(ser + 1)
ser[0] = 9
np.add(ser, 1, ser)
skp.StandardScaler(copy=False).fit_transform(floats)
skp.StandardScaler(copy=False).fit_transform(arr.reshape(3, 2))
skp.normalize(arr.reshape(3, 2), copy=False)
skp.scale(arr.reshape(3, 2), copy=False)
np.add(arr, 1, arr)
np.multiply(arr, 2, out=arr)
np.clip(G, 0, 1, G)
np.exp(arr, arr)
np.round(arr, 2, arr)
np.add.at(arr, 0, 1)
np.cumsum(arr, 0, None, arr)
arr.clip(0, 1, arr)
arr.cumsum(0, None, arr)
arr.__iadd__(1)
arr.__imul__(2)
arr.__setitem__(0, 9)
np.ndarray.__setitem__(arr, 0, 9)
arr.setfield(7, 'f8')
arr.fill(3)
arr.sort()
arr += 1
arr[:3][0] = 5
arr.T[0] = 5
np.squeeze(arr)[0] = 3
np.asarray(arr)[0] = 8
np.frombuffer(arr, dtype='f8')[0] = 9
np.random.Generator.shuffle(rng, arr)
np.random.shuffle(arr)
rs.shuffle(arr)
rng.shuffle(arr)
pr.shuffle(lst)
list(map(rng.shuffle, [arr]))
list(map(np.random.shuffle, [lst]))
np.put_along_axis(arr, np.array([0]), 9, 0)
np.ma.MaskedArray.__setitem__(masked, 0, 9)
masked[1] = 3
np.frompyfunc(arr.fill, 1, 1)(3)
np.vectorize(lst.append)([1])
np.apply_along_axis(lst.append, 0, arr)
lst.__setitem__(0, 9)
lst.__delitem__(0)
lst.__iadd__([9])
lst.__imul__(2)
lst.sort(key=nested.append)
list.append(lst, 4)
list.sort(lst)
nested[0].append(3)
for q in nested: q.append(3)
dict.update(d, z=1)
dict.pop(d, 'a')
d.__ior__({'z': 1})
d.__delitem__('a')
d |= {'z': 1}
st.__ior__({9})
st.difference_update([1])
st.symmetric_difference_update([1])
set.add(st, 5)
ct.subtract('a')
ct['q'] += 1
od.move_to_end('a')
dq.rotate(1)
ba.extend(b'q')
ba += b'z'
dd['q']
dd['q'].append(1)
dd.__getitem__('q')
cm['z'] = 1
cm.pop('q')
collections.ChainMap(d)['z'] = 1
collections.ChainMap(d).pop('a')
collections.UserList(lst).append(1)
collections.abc.MutableSequence.append(lst, 3)
operator.setitem(lst, 0, 9)
operator.delitem(d, 'a')
operator.iadd(arr, 1)
operator.iadd(lst, [1])
operator.methodcaller('append', 1)(lst)
operator.methodcaller('fill', 1)(arr)
functools.reduce(operator.iadd, [[1], [2]], lst)
functools.partial(lst.append, 1)()
list(map(functools.partial(lst.append), [1]))
bisect.insort(lst, 1)
bisect.insort(lst, 1, key=nested.append)
bisect.insort_left(lst, 9)
heapq.heappushpop(lst, 9)
heapq.heapreplace(lst, 9)
sn.a = 9
setattr(sn, 'a', 9)
list(map(lst.append, [1]))
list(map(list.append, [lst], [1]))
[*map(d.pop, ['a'])]
sorted([1, 2], key=lst.append)
list(filter(lst.append, [1]))
list(itertools.starmap(lst.append, [(1,)]))
list(itertools.takewhile(st.add, [8, 9]))
ser.map(lst.append)
ser.apply(lst.append)
df.map(lst.append)
tf.nest.map_structure(lst.append, [1])
keras.tree.map_structure(lst.append, [1])
skp.FunctionTransformer(lst.append).transform(arr)
v.assign([5.0, 6.0])
v.assign_add([1.0, 1.0])
v.scatter_update(tf.IndexedSlices([9.0], [0]))
v[0].assign(4.0)
tf.compat.v1.assign(v, [4.0, 4.0])
tf.raw_ops.AssignVariableOp(resource=v.handle, value=tf.constant([9.0, 9.0]))
tf.keras.backend.set_value(v, [3.0, 3.0])
[w.assign([8.0, 8.0]) for w in [v]]
tg.normal((2,))
tg.reset_from_seed(9)
table.insert(tf.constant(['a']), tf.constant([1], tf.int64))
kv.assign([5.0, 6.0])
kv += 1
met.update_state(5.0)
opt.build(old.trainable_variables)
opt.learning_rate = 0.5
lay.kernel.assign(np.ones((3, 3)))
lay.trainable = False
old.layers[0].trainable = False
old._layers.pop()
old._layers[0] = 3
old.pop()
old.add(layers.Dense(2))
old.compile('sgd', 'mae')
list(map(old.train_on_batch, [G], [np.zeros((2, 1))]))
old.set_weights([w * 0 for w in old.get_weights()])
scaler.partial_fit(G[1])
scaler.mean_[:] = 0
seeds.next()
rng.normal()
rs.rand()
pr.random()
own.width
own.depth
len(own)
own[0]
[*own]
for q in own: pass
str(own)
with own: pass
a, b, c = it
a, *b = zi
q, *w = gen
for q, r in its: pass
3 in it
'a' in en
3 in gen
'b' in fh
[*it]
print(*it)
max(*it)
np.array([*it])
lst[:0] = it
lst += it
lst.extend(it)
''.join(mp)
next(cnt)
next(gen)
gen.__next__()
gen.close()
gen.send(None)
fh.readline()
list(fh)
di.get_next()
next(di)
iter(gen.__next__, 3).__next__()
next(iter(it.__next__, 3))
collections.defaultdict(gen.__next__)['a']
sum(q for q in it)
dict(zi)
sorted(it)
collections.Counter(it)
np.fromiter(it, float)
tf.print('zz', output_stream='file://' + path)
tf.io.write_file(path, 'zz')
open(path, 'a').write('x')
keras.config.set_backend('tensorflow')
keras.config.set_floatx('float64')
keras.mixed_precision.set_global_policy('float64')
tf.config.optimizer.set_jit(True)
tf.config.set_soft_device_placement(False)
tf.random.set_global_generator(tg)
tf.random.get_global_generator().normal((1,))
tf.config.run_functions_eagerly(True)
pd.set_option('display.max_rows', 3)
np.seterr(all='ignore')
"""


def made(path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__", "path": str(path)}
    exec(MADE, namespace)
    return namespace


def _array(value: Any) -> Any:
    value = np.asarray(value)
    return value.shape, value.dtype.str, value.tobytes(), value.flags.writeable


_KINDS: dict[str, Callable[[Any], Any]] = {
    "ndarray": _array,
    "MaskedArray": lambda value: (_array(value.data), _array(value.mask)),
    "StringIO": lambda value: (value.tell(), value.read()),
    "Generator": lambda value: str(
        value.bit_generator.state if hasattr(value, "bit_generator") else value.state.numpy()
    ),
    "RandomState": lambda value: str(value.get_state()),
    "Random": lambda value: value.getstate(),
    "ResourceVariable": lambda value: value.numpy().tolist(),
    "Variable": lambda value: value.numpy().tolist(),
    "MutableHashTable": lambda value: int(value.size()),
    "count": next,
    "StandardScaler": lambda value: {key: str(part) for key, part in vars(value).items()},
    "SeedGenerator": lambda value: value.state.numpy().tolist(),
    "Mean": lambda value: [part.numpy().tolist() for part in value.variables],
    "Adam": lambda value: (value.built, [part.shape for part in value.variables], float(value.learning_rate)),
    "Dense": lambda value: (value.trainable, len(value.weights), [part.numpy().tolist()[0] for part in value.weights]),
    "Sequential": lambda value: (
        [type(layer).__name__ for layer in value._layers if hasattr(layer, "name")],
        len(value._layers), [layer.trainable for layer in value.layers], type(value.optimizer).__name__,
        value.loss, int(value.optimizer.iterations), len(value.get_weights()),
    ),
}  # fmt: skip


def state(namespace: dict[str, Any], path: Path) -> dict[str, Any]:
    """All that is the user's, as values that can be compared; iterators are read to their ends by it."""
    found: dict[str, Any] = {}
    for name, value in namespace.items():
        kind = type(value).__name__
        if name.startswith("__") or isinstance(value, (ModuleType, type)) or name == "own":
            continue
        if kind in _KINDS:
            found[name] = _KINDS[kind](value)
        elif kind in ("DataFrame", "Series"):
            found[name] = value.to_string()
        elif name == "its":
            found[name] = [list(inner) for inner in value]
        elif hasattr(type(value), "__next__"):
            found[name] = [str(item) for item in value]
        elif kind in ("Weights", "function"):
            continue
        else:
            found[name] = repr(value)
    found["a file"] = path.read_text() if path.exists() else None
    found["the world"] = (
        keras.config.backend(), keras.config.floatx(), keras.config.dtype_policy().name,
        tf.config.optimizer.get_jit(), tf.config.get_soft_device_placement(), tf.config.functions_run_eagerly(),
        id(sys.modules["tensorflow.python.ops.stateful_random_ops"].global_generator),
        sys.modules["pandas"].get_option("display.max_rows"), np.geterr(),
    )  # fmt: skip
    return found


@pytest.mark.parametrize("statement", [line for line in STATEMENTS.splitlines() if line])
def test_what_is_the_users_stays(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    live = made(path)
    names = set(live)
    rehearse([Script(f"x = 1\n{statement}", f"x = 2\n{statement}", 1)], live)
    assert set(live) == names
    assert live["ran"] == []
    now, before = state(live, path), state(made(path), path)
    for name in ("lay", "old"):
        now[name], before[name] = now[name][:2], before[name][:2]  # initial weights are random
    assert now == before


def test_the_comparison_sees_changes(tmp_path: Path) -> None:
    """Run as they stand, statements of every kind are seen."""
    path = tmp_path / "file.txt"
    before = state(made(path), path)
    for statement, name in {
        "df.pop('b')": "df", "np.clip(G, 0, 1, G)": "G", "list(map(lst.append, [1]))": "lst", "3 in it": "it",
        "v.assign_add([1.0, 1.0])": "v", "masked[1] = 3": "masked", "tg.normal((2,))": "tg", "len(own)": "ran",
        "lay.trainable = False": "lay", "old._layers.pop()": "old", "opt.build(old.trainable_variables)": "opt",
        "fh.readline()": "fh", "open(path, 'a').write('x')": "a file", "seeds.next()": "seeds",
        "pd.set_option('display.max_rows', 60 + 1); pd.reset_option('display.max_rows')": "",
    }.items():  # fmt: skip
        live = made(path)
        exec(statement, live)
        now = state(live, path)
        changed = {key for key in now if now[key] != before[key]} - {"lay", "old"}
        changed |= {key for key in ("lay", "old") if now[key][:2] != before[key][:2]}
        assert changed == ({name} if name else set()), statement
        path.unlink(missing_ok=True)
