"""The one way to make HTML here: text that was not built by `el` is always escaped.

`el("b", "<i>")` gives `<b>&lt;i&gt;</b>`. Only a `Markup`, which only this module makes, goes in as it
is, so nobody can forget to escape a layer's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from rnnmagic.views.wording import visible

_TAGS = frozenset(
    {
        "b",
        "code",
        "del",
        "details",
        "div",
        "footer",
        "g",
        "h1",
        "h2",
        "header",
        "ins",
        "li",
        "main",
        "ol",
        "p",
        "path",
        "pre",
        "small",
        "span",
        "strong",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "title",
        "thead",
        "tr",
        "ul",
    }
)
_ATTRIBUTES = frozenset(
    {
        "class", "role", "scope", "style", "aria-hidden", "aria-label",
        "d", "height", "text-anchor", "transform", "viewBox", "width", "x", "y",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Markup:
    """HTML that is safe to show. Made by `el`, `join` and `stylesheet` only."""

    html: str

    def __str__(self) -> str:
        return self.html


Child = Markup | str | None
NOTHING = Markup("")


def el(tag: str, *children: Child, cls: str = "", **attributes: str) -> Markup:
    """One element. Text children and attribute values are escaped, `None` is left out.

    An attribute with a dash is written with an underscore: `aria_hidden="true"`.
    """
    if tag not in _TAGS:
        raise ValueError(f"no element {tag!r} in a report")
    if cls:
        attributes["class"] = " ".join(f"rnnmagic-{part}" for part in cls.split())
    written = []
    for key, value in attributes.items():
        attribute = key.replace("_", "-")
        if attribute not in _ATTRIBUTES:
            raise ValueError(f"no attribute {attribute!r} in a report")
        written.append(f' {attribute}="{escape(visible(value), quote=True)}"')
    inner = join(*children)
    return Markup(f"<{tag}{''.join(written)}>{inner}</{tag}>")


def join(*children: Child) -> Markup:
    """The children one after the other, texts escaped."""
    return Markup(
        "".join(
            child.html if isinstance(child, Markup) else escape(visible(child), quote=True)
            for child in children
            if child is not None
        )
    )


def stylesheet(css: str) -> Markup:
    """A `<style>` element of a constant of this package; never of a text from the kernel."""
    if "</" in css:
        raise ValueError("a style sheet cannot hold '</'")
    return Markup(f"<style>{css}</style>")
