"""The hint ladder: a report shown step by step, so that a student finds the mistake before reading it.

`sayings` holds the questions and axis hints by cause, `facts` what they may say at that step, `mask`
makes the report that the views get, and `Classroom` keeps the ladders of a kernel.
"""

from __future__ import annotations

from rnnmagic.ladder.classroom import Classroom

__all__ = ["Classroom"]
