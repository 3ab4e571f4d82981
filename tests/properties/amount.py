"""How many random notebooks: a fixed 120 in CI, 2,000 others in a night.

`RNNMAGIC_PROPERTIES=nightly` asks for the night, `RNNMAGIC_PROPERTIES=50` for so many random ones.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

ASKED = os.environ.get("RNNMAGIC_PROPERTIES", "ci")
FIXED = ASKED == "ci"
TOTAL = {"ci": 120, "nightly": 2000}.get(ASKED) or int(ASKED)
FIXES_TRIED = 2 if FIXED else 6
"""Verified fixes of one report that are carried out; a report shows six."""


def examples(share: float) -> settings:
    """The settings of a test that has this share of all examples."""
    return settings(
        max_examples=max(1, round(TOTAL * share)),
        deadline=None,
        derandomize=FIXED,
        database=None,
        print_blob=True,
        # Making a failing notebook smaller takes longer than all the others: that is for a night.
        phases=(Phase.explicit, Phase.generate) if FIXED else tuple(Phase),
        # A notebook trains models: it is slow, and drawn with a few retries.
        suppress_health_check=list(HealthCheck),
    )
