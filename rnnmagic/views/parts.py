"""The widgets that the panel is made of, and what they share."""

from __future__ import annotations

import importlib
from typing import Any

from rnnmagic.report import Parameter
from rnnmagic.views import wording
from rnnmagic.views.markup import Markup, join, stylesheet
from rnnmagic.views.style import CSS, PANEL_CSS

_widgets: Any = importlib.import_module("ipywidgets")
_texts: Any = importlib.import_module("ipywidgets.widgets.widget_string")


class Look:
    """The layouts and styles of one panel. Its widgets share them: each would be a message of its own."""

    def __init__(self) -> None:
        self.plain = _widgets.Layout()
        self.narrow = _widgets.Layout(width="auto")
        self.html = _texts.HTMLStyle()
        self.button = _widgets.ButtonStyle()

    def text(self, content: Markup | None = None, css: bool = False, hidden: bool = False) -> Any:
        """An HTML widget; its value is only ever set to built markup, since it is not sanitised."""
        sheet = stylesheet(CSS + PANEL_CSS) if css else None
        return _widgets.HTML(
            value=join(sheet, content).html,
            layout=_widgets.Layout(display="none") if hidden else self.plain,
            style=self.html,
        )

    def click(self, description: str, tooltip: str, primary: bool = False, hidden: bool = False) -> Any:
        """A button."""
        return _widgets.Button(
            description=description,
            tooltip=wording.visible(tooltip),
            button_style="primary" if primary else "",
            layout=_widgets.Layout(width="auto", display="none") if hidden else self.narrow,
            style=self.button,
        )

    def control(self, parameter: Parameter) -> Any:
        """A drop-down: unlike toggle buttons it tells a screen reader which choice is taken."""
        options, value = _options(parameter)
        label = wording.one_line(parameter.label, 40)
        control = _widgets.Dropdown(
            options=options, value=value, description=label, tooltip=label, layout=self.narrow
        )
        control.style.description_width = "initial"
        control.add_class("rnnmagic-control")
        return control


def set_control(control: Any, parameter: Parameter) -> None:
    options, value = _options(parameter)
    if list(control.options) != options:
        control.options = options
    if control.value != value:
        control.value = value


def _options(parameter: Parameter) -> tuple[list[tuple[str, Any]], Any]:
    choices = list(parameter.choices)
    if parameter.value not in choices:
        choices.insert(0, parameter.value)
    return [(_choice(choice), choice) for choice in choices], parameter.value


def _choice(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return wording.one_line(" × ".join(_choice(item) for item in value), 60)
    return wording.one_line(value if isinstance(value, str) else repr(value), 60)


def tree(widget: Any) -> list[Any]:
    """The widget, everything in it, and their layouts and styles."""
    found: list[Any] = []
    for child in getattr(widget, "children", ()):
        found += tree(child)
    found.append(widget)
    found += [part for part in (getattr(widget, "layout", None), getattr(widget, "style", None)) if part]
    return found
