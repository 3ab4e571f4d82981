"""What the HTML of a view is checked with: a strict parser, hostile texts, and a poisoner of reports."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

TAGS = {"style", "b", "br", "code", "div", "li", "p", "pre", "small", "span", "strong", "table", "tbody",
        "td", "th", "tr", "ul", "ol", "details", "summary", "svg", "g", "path", "text"}  # fmt: skip
PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "</style><script>alert(1)</script>",
    "</pre></div></code></table><h1>gone</h1>",
    "' onmouseover='alert(1)",
    '" style="position:fixed',
    "<!-- <svg onload=alert(1)>",
    "]]><iframe src=javascript:alert(1)>",
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "$x_1^2$ \\(y\\)",
]


class Page(HTMLParser):
    """Every element and attribute of a piece of HTML, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


def check(source: str) -> Page:
    """Parse, and demand that only what the views write themselves is there."""
    page = Page(source)
    assert set(page.tags) <= TAGS
    for key, value in page.attributes:
        if key == "class":
            assert all(
                part.startswith("rnnmagic") or part in ("tex2jax_ignore", "mathjax_ignore")
                for part in (value or "").split()
            )
        elif key == "style":
            assert value is not None
            assert value.removeprefix("width:").removesuffix("%").isdigit()
        elif key in ("d", "viewbox", "width", "height", "x", "y"):
            assert re.fullmatch(r"[-+.,0-9 eMmLlHhVvz]*", value or "")
        elif key == "transform":
            assert re.fullmatch(r"translate\([0-9. ]+\) scale\([0-9. ]+\)", value or "")
        elif key == "aria-label":
            assert value
        elif key == "text-anchor":
            assert value in ("start", "middle", "end")
        else:
            assert (key, value) in {
                ("scope", "row"),
                ("role", "status"),
                ("role", "img"),
                ("aria-hidden", "true"),
            }
    assert not page.open
    return page


def poisoned(value: Any, payload: str) -> Any:
    """The value with every text in it replaced by the payload, the outcome alone excepted."""
    if isinstance(value, str):
        return payload
    if isinstance(value, tuple):
        return tuple(poisoned(item, payload) for item in value)
    if isinstance(value, list):
        return [poisoned(item, payload) for item in value]
    if isinstance(value, dict):
        return {key: poisoned(item, payload) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: poisoned(getattr(value, field.name), payload)
            for field in dataclasses.fields(value)
            if field.name not in ("outcome", "repairer")
        }
        return dataclasses.replace(value, **fields)
    return value
