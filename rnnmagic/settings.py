"""What a user or teacher can set: traitlets configuration, `c.RnnCheck.…` and `%config RnnCheck`."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Float, Int, default
from traitlets.config import Configurable

from rnnmagic.front import is_attended
from rnnmagic.language import LANGUAGES

DISPLAYS = ("auto", "panel", "html", "text", "none")
PREFLIGHTS = ("tell", "stop", "off")
PATIENCE_S = 5.0
GRACE_S = 2.0
"""For the fix that is being tried when the time is over: it ends by itself within this, or is stopped."""
UNATTENDED_S = 2.0
"""For fixes that nobody is waiting for: a grader has a class to run."""


class RnnCheck(Configurable):
    """Shape checks for recurrent networks (`%%rnncheck`)."""

    display = Enum(
        list(DISPLAYS),
        default_value="auto",
        help="How a report is shown: 'panel' (ipywidgets, with HTML and text beside it), "
        "'html' (HTML and text), 'text', 'none'; 'auto' is the panel where a front end can show it.",
    ).tag(config=True)
    max_fixes = Int(6, min=1, help="Show at most this many fixes, best first.").tag(config=True)
    verify = Bool(True, help="Dry-run each fix on shapes before it is offered.").tag(config=True)
    time_limit = Float(
        PATIENCE_S,
        min=0.0,
        help=f"Seconds after which no further fix is tried; starts as {UNATTENDED_S:g} where nobody is in front of the "
        f"kernel (nbgrader, Otter, nbconvert). A fix that is still being tried {GRACE_S:g} seconds later is stopped, "
        f"and so is a diagnosis, a look before a training or a display that takes longer than this and than "
        f"{PATIENCE_S:g} seconds.",
    ).tag(config=True)
    preflight = Enum(
        list(PREFLIGHTS),
        default_value="tell",
        help="Before a training begins, look for a shape error later in it: 'tell' says so and lets the "
        "cell go on, 'stop' raises rnnmagic.ShapeError where it is certain, 'off' does not look.",
    ).tag(config=True)
    language = Enum(
        list(LANGUAGES),
        default_value="auto",
        help="The language of reports, panels and magics: 'en', 'es', or 'auto' for that of the environment "
        "(LANGUAGE, LC_ALL, LC_MESSAGES, LANG), English where there is no catalogue for it.",
    ).tag(config=True)
    hints = Bool(
        False,
        help="Show a report step by step: the question to ask oneself, which axis, which variable and "
        "layer, the idea of the fix, its code. `%rnncheck hint` or a button shows the next step.",
    ).tag(config=True)
    quiet = Bool(True, help="Say nothing after a cell without a shape mistake.").tag(config=True)
    debug = Bool(False, help="Print the traceback when rnnmagic itself breaks; otherwise one line.").tag(
        config=True
    )

    @default("time_limit")
    def _time_limit(self) -> float:
        return PATIENCE_S if is_attended(self.parent) else UNATTENDED_S

    @property
    def patience(self) -> float:
        """Seconds after which a diagnosis, a look before a training or a display is stopped."""
        return max(PATIENCE_S, self.time_limit)

    def override(self, **values: Any) -> RnnCheck:
        """A copy with other values, for one cell; later `%config` does not reach it.

        Raises
        ------
        traitlets.TraitError
            A value that the setting does not take.
        """
        own = {name: getattr(self, name) for name in self.class_own_traits(config=True)}
        return RnnCheck(**(own | values))
