"""Would the repaired cells run? Told by a rehearsal in a copy of the namespace, on shapes."""

from rnnmagic.rehearsal.run import rehearse
from rnnmagic.rehearsal.verdict import Script, TriedCall, Verdict

__all__ = ["Script", "TriedCall", "Verdict", "rehearse"]
