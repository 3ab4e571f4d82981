"""Each cause in one sentence, for people who meet its word in a list, and what to do about it."""

from __future__ import annotations

from rnnmagic.report import CAUSES, WARNING_CAUSES

MEANINGS: dict[str, tuple[str, str]] = {
    "flattened": (
        "The data are a flat table, one row per sample, where the layer reads sequences.",
        "Reshape (samples, timesteps × features) to (samples, timesteps, features).",
    ),
    "feature_axis_missing": (
        "The data are (samples, timesteps): the axis of the one feature is not there.",
        "Add the axis: X[..., np.newaxis].",
    ),
    "batch_axis_missing": (
        "One sample alone, or a dataset that is not batched: the axis of the samples is not there.",
        "Add the axis, X[np.newaxis], or batch the dataset.",
    ),
    "unwindowed": (
        "One long series where the layer reads many shorter sequences.",
        "Cut the series into windows, each a sample.",
    ),
    "axis_order": (
        "The axes have the right sizes in the wrong order.",
        "Transpose; a reshape would mix the values.",
    ),
    "features": (
        "The last axis, the features, has another size than the layer takes.",
        "Make the data and the declared number of features agree.",
    ),
    "timesteps": (
        "The time axis has another size than the model takes.",
        "Pad or cut the sequences, or declare the time axis as None.",
    ),
    "ragged": (
        "The sequences are of unequal length and make no array.",
        "Pad them to one length, and mask the padding.",
    ),
    "rank": (
        "The data have another number of axes than the layer takes.",
        "Bring them to (samples, timesteps, features).",
    ),
    "dtype": (
        "The data are of a type that a network cannot take: objects, text.",
        "Convert them to numbers.",
    ),
    "sequence_collapsed": (
        "A layer needs a sequence and gets one vector.",
        "Set return_sequences=True on the recurrent layer before it.",
    ),
    "sequence_kept": (
        "The model answers with a sequence and the target is one vector for each sample.",
        "Leave return_sequences=True out on the last recurrent layer.",
    ),
    "input_declaration": (
        "The input shape that the model declares is what is wrong; the data are right.",
        "Declare the shape of one sample: (timesteps, features).",
    ),
    "target_shape": (
        "The target has another shape than the model's output.",
        "Bring the target, or the last layer, to the other's shape.",
    ),
    "target_encoding": (
        "Class numbers and one-hot rows are mixed up for this loss.",
        "Use the sparse loss for class numbers and the other for one-hot rows.",
    ),
    "sample_count": (
        "Data, target or weights have different numbers of samples.",
        "Take the same rows of each.",
    ),
    "batch_remainder": (
        "The model has a fixed batch size, and the data leave a smaller last batch.",
        "Trim the data to whole batches.",
    ),
    "state_size": (
        "An initial state has another size than the layer's units.",
        "Give each state the shape (samples, units).",
    ),
    "merge": ("Branches that are merged do not fit together.", "Bring them to shapes that merge."),
    "input_count": (
        "The model gets another number, order or naming of inputs than it has.",
        "Pass one array for each input.",
    ),
    "weights": ("The weights are those of another architecture.", "Build the model as it was saved."),
    "custom_op": (
        "An operation in a layer, cell or training loop of one's own does not fit its arguments.",
        "Look at the shapes of its arguments.",
    ),
    "other": ("A shape mistake that none of the other causes names.", "Look at the shapes in the message."),
    "broadcast_loss": (
        "Loss or metric stretches the target against the output, and computes something else than meant.",
        "Give target and output the same shape.",
    ),
    "timesteps_unchecked": (
        "The sequences have another length than the declared one, and Keras took them.",
        "Make the lengths agree, or declare None.",
    ),
    "mask_lost": ("A layer drops the mask that a later one needs.", "Use a layer that passes the mask on."),
    "pad_unmasked": ("The data are padded and the padding is read as data.", "Mask it."),
    "scrambled": ("A reshape did what a transpose should have done.", "Transpose instead."),
    "time_major": (
        "Batch and time axes are swapped, and their sizes happen to agree.",
        "Swap the first two axes.",
    ),
}
"""Cause: (what it means, what to do)."""

ALL_CAUSES = (*CAUSES, *WARNING_CAUSES)


def meaning(cause: str) -> str:
    return MEANINGS.get(cause, MEANINGS["other"])[0]
