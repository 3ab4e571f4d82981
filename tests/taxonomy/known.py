"""Cells that rnnmagic does not diagnose, or offers no repair for, each with the reason."""

from __future__ import annotations

KNOWN = {
    # Nothing in the notebook says what would be right.
    "words-as-data": "All elements are words; what numbers they should be, only the user can say.",
    "no-step-length-free": "The array holds no timestep at all; its data is not in the notebook.",
    "no-step-undeclared": "The array holds no timestep at all; its data is not in the notebook.",
    "dense-used-on-its-own-output": "Sharing the layer may be meant; a second layer or another width are both guesses.",
    "inputs-stacked-in-one-array": "The second input has another shape than the array's second half; it is not there.",
    "dataset-of-a-list": "Both halves of the list became data; which of them is meant cannot be seen.",
    "windows-of-one-series-two-declared": "The second series is not in the dataset.",
    "layer-weights-of-another-width": "The layer was built by hand with build(); no declaration is there to edit.",
    "own-loss-multiplies-wrongly": "What the user's own loss is meant to compute is not known.",
    "lambda-reshapes-wrongly": "The code of a lambda is not rewritten; what it is meant to give is not known.",
    "own-layer-weights-on-the-wrong-axis-ops": (
        "With the right axis the layer's answer would still be stretched over the target by the loss, so the "
        "change is not offered as one that works."
    ),
    "own-layer-of-two-precisions": (
        "With the cast the layer's answer would still be stretched over the target by the loss, so the change is "
        "not offered as one that works."
    ),
    "ctc-with-one-label": "CTC wants a sequence of labels and their lengths; neither is in the notebook.",
    "forecast-of-one-feature-only": "What the other features will be in the next step is not in the notebook.",
    # Data that is only known once it is consumed.
    "dataset-of-unknown-rank-undeclared": "Neither the dataset nor the model says a shape.",
    "generator-of-keras-two-three-features": "What a loader yields is the user's own code, which is not rewritten.",
    "loader-of-single-samples": "What a loader yields is the user's own code, which is not rewritten.",
    "loader-longer-later": "A loader is never consumed, so that a later batch of another shape is not seen.",
    "generator-wider-later": "A generator is never consumed, so that a later batch of another shape is not seen.",
}
