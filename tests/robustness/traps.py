"""Objects that do something else than they are asked, written as source: for a cell, and for a test."""

from __future__ import annotations

ASKED = (
    "__getattr__", "__getattribute__", "__eq__", "__len__", "__iter__", "__bool__", "__hash__", "__class__", "shape",
    "dtype", "ndim", "name", "__name__", "__array__", "__array_interface__", "__repr__", "__str__", "__format__",
    "__dir__", "__del__", "__reduce__", "__getitem__", "__contains__", "__index__", "as_list", "columns", "layers",
)  # fmt: skip
PROPERTIES = frozenset(
    {"__class__", "shape", "dtype", "ndim", "name", "__name__", "__array_interface__", "columns", "layers"}
)
DOES = {
    "raises": "raise RuntimeError('a trap')",
    "leaves": "raise SystemExit('a trap')",
    "prints": "print('PRINTED BY A TRAP'); raise AttributeError('a trap')",
    "gives a string": "return '<b>a trap</b>'",
    "gives a huge number": "return 10**6000",
    "gives a negative number": "return -3",
    "gives a dict": "return {'a': 'trap'}",
    "gives many axes": "return (1,) * 10**6",
    "gives negative sizes": "return (-1, -2, 3)",
    "gives huge sizes": "return (10**6000, 3)",
    "gives strings": "return ('a', 'b')",
    "gives itself": "return self",
    "gives nothing": "return None",
    "allocates": "return bytes(50_000_000)",
}
LOOPS = "return any(False for _ in iter(int, 1))"
BASES = ("object", "np.ndarray", "list", "tuple", "dict", "str", "int")


def source(name: str, methods: dict[str, str], base: str = "object", *, metaclass: bool = False) -> str:
    """A class of the name whose methods do what is said; with `metaclass`, the class itself does so as well."""
    lines = []
    for asked, body in methods.items():
        if asked in PROPERTIES:
            lines.append("    @property")
        lines.append(f"    def {asked}(self, *a, **k): {body}")
    body = "\n".join(lines) or "    pass"
    if not metaclass:
        return f"class {name}({base}):\n{body}\n"
    return f"class Meta{name}(type):\n{body}\nclass {name}({base}, metaclass=Meta{name}):\n{body}\n"


MADE = {
    "np.ndarray": "np.zeros((4, 3)).view({name})",
    "list": "{name}([1, 2, 3])",
    "tuple": "{name}((1, 2, 3))",
    "dict": "{name}(a=1)",
    "str": "{name}('text')",
    "int": "{name}(3)",
}


def made(name: str, base: str) -> str:
    """The expression that makes one."""
    return MADE.get(base, "object.__new__({name})").format(name=name)
