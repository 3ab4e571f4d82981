"""The first two hints for each cause: the question to ask oneself, and which axis to look at.

Data and no more. Of each hint there are several wordings, the fullest first; the first one whose facts
are all known is said, so the last one of each needs none. `facts.py` says what the names in braces
stand for: none of them is a variable, a layer's name or a piece of code, which belong to later steps.
Each wording is a whole text, translated as one where it is said.
"""

from __future__ import annotations

from typing import NamedTuple

from rnnmagic.language import later


class Saying(NamedTuple):
    """The wordings of both hints."""

    question: tuple[str, ...]
    axis: tuple[str, ...]


SAYINGS: dict[str, Saying] = {
    "flattened": Saying(
        (
            later(
                "How many axes do `{layer}` layers read, and how many does what you pass to `{method}` have?"
            ),
            later(
                "How many axes do `{layer}` layers read, and how many does the array that reaches yours have?"
            ),
            later("How many axes does a recurrent layer read, and how many do your data have?"),
        ),
        (
            later(
                "Axis {last} holds two axes in one: {came_last} numbers a sample, where {wanted_steps} "
                "timesteps of {wanted_features} features are wanted. In which order do the numbers "
                "stand?"
            ),
            later(
                "The last axis holds two axes in one: {came_last} numbers a sample, where timesteps and"
                " features should stand apart. In which order do the numbers stand?"
            ),
            later("The last axis holds two axes in one: timesteps and features run together."),
        ),
    ),
    "feature_axis_missing": Saying(
        (
            later(
                "At each timestep `{layer}` layers read a list of features. What does one timestep of "
                "your data hold: a list, or a single number?"
            ),
            later(
                "At each timestep a layer reads a list of features. What does one timestep of your data"
                " hold: a list, or a single number?"
            ),
        ),
        (
            later(
                "The last axis, the features, is not there: {received} came, and {expected} is read. A "
                "single number a timestep is one feature, and one is a size as well."
            ),
            later(
                "The last axis, the features, is not there. A single number a timestep is one feature, "
                "and one is a size as well."
            ),
        ),
    ),
    "batch_axis_missing": Saying(
        (
            later(
                "`{method}` takes many samples at once, even if there is only one. Which axis of what "
                "you pass counts the samples?"
            ),
            later(
                "A model takes many samples at once, even if there is only one. Which axis of what you "
                "pass counts the samples?"
            ),
        ),
        (
            later("Axis 0, the samples, is not there: {received} came, and {expected} is read."),
            later("Axis 0, the samples, is not there: what stands first in your data is taken for it."),
        ),
    ),
    "unwindowed": Saying(
        (
            later(
                "What is one sample for your model: one row, or a stretch of {wanted_steps} rows? And "
                "which of the two does each line of your data hold?"
            ),
            later(
                "What is one sample for your model: one row, or a stretch of rows that follow one "
                "another? And which of the two do your data hold?"
            ),
        ),
        (
            later(
                "The axis of the timesteps is not there: {received} is one long series, whose rows "
                "should be cut into stretches, samples by timesteps by features: {expected}."
            ),
            later(
                "The axis of the timesteps is not there: the rows of one long series should be cut into"
                " stretches, samples by timesteps by features."
            ),
        ),
    ),
    "axis_order": Saying(
        (
            later(
                "`{layer}` layers read samples, then timesteps, then features. In which order do your "
                "axes stand?"
            ),
            later(
                "A recurrent layer reads samples, then timesteps, then features. In which order do your"
                " axes stand?"
            ),
        ),
        (
            later("The sizes are right and their order is not: {received} came, and {expected} is read."),
            later("The sizes are right and their order is not: compare axis 1 with axis 2."),
        ),
    ),
    "features": Saying(
        (
            later(
                "The model was made for {wanted} features at each timestep. How many do your data have,"
                " and which are they?"
            ),
            later(
                "How many numbers does the model read at each timestep, and how many do your data have there?"
            ),
        ),
        (
            later("It is axis {place}, the features: {wanted} are read, and {came} came."),
            later("It is axis {place}: {wanted} are read there, and {came} came."),
            later("It is the last axis, the features: {received} came, and {expected} is read."),
            later("It is the last axis, the features."),
        ),
    ),
    "timesteps": Saying(
        (
            later(
                "The model was made for {wanted} timesteps a sample. How many does each sample of your "
                "data have?"
            ),
            later("How many timesteps does the model read of each sample, and how many do your data have?"),
        ),
        (
            later("It is axis {place}, the timesteps: {wanted} are read, and {came} came."),
            later("It is axis 1, the timesteps: {received} came, and {expected} is read."),
            later("It is axis 1, the timesteps."),
        ),
    ),
    "ragged": Saying(
        (
            later(
                "Your {samples} sequences are to become one array. How long is the shortest of them, "
                "and how long the longest?"
            ),
            later(
                "Sequences are to become one array. How long is the shortest of them, and how long the "
                "longest?"
            ),
        ),
        (
            later(
                "It is axis 1, the timesteps: the lengths go from {shortest} to {longest}, and an array"
                " has one length for all."
            ),
            later("It is axis 1, the timesteps: the lengths differ, and an array has one length for all."),
        ),
    ),
    "rank": Saying(
        (
            later(
                "How many axes do `{layer}` layers read, and how many does what you pass to `{method}` have?"
            ),
            later(
                "How many axes do `{layer}` layers read, and how many does the array that reaches yours have?"
            ),
            later("How many axes are read here, and how many came?"),
        ),
        (
            later(
                "The number of axes differs: {wanted_rank} are read, as in {expected}, and {came_rank} "
                "came, as in {received}. Which one is too many, or not there?"
            ),
            later("The number of axes differs: which one is too many, or not there?"),
        ),
    ),
    "dtype": Saying(
        (
            later(
                "A network computes with arrays of numbers. Of which type is what you pass to "
                "`{method}`, and of which type are its elements?"
            ),
            later(
                "A network computes with arrays of numbers. Of which type are your data, and of which "
                "type are their elements?"
            ),
        ),
        (
            later(
                "No axis has a wrong size; look at the type of the whole, and at that of its elements, "
                "{dtype}."
            ),
            later("No axis has a wrong size; look at the type of the whole, and at that of its elements."),
        ),
    ),
    "sequence_collapsed": Saying(
        (
            later(
                "`{layer}` layers read a whole sequence. What does the layer before it hand on: an "
                "answer for every timestep, or its last answer alone?"
            ),
            later(
                "This layer reads a whole sequence. What does the layer before it hand on: an answer "
                "for every timestep, or its last answer alone?"
            ),
        ),
        (
            later(
                "Axis 1, the timesteps, is lost on the way: {received} comes out of the layer before, "
                "and {wanted_rank} axes are read."
            ),
            later("Axis 1, the timesteps, is lost on the way from one layer to the next."),
        ),
    ),
    "sequence_kept": Saying(
        (
            later(
                "Does your model give one answer for each sample, or one for each timestep? And which "
                "of the two does the target hold?"
            ),
        ),
        (
            later(
                "Axis 1, the timesteps, is one too many in the model's answer: {received} against {expected}."
            ),
            later(
                "Axis 1, the timesteps, is one too many in the model's answer: the target has one value"
                " a sample."
            ),
        ),
    ),
    "input_declaration": Saying(
        (
            later(
                "What does the model say about the shape of one sample, and what is the shape of one "
                "sample of your data? (The number of samples is not part of it.)"
            ),
        ),
        (
            later("It is axis {place}: {wanted} on one side, and {came} on the other."),
            later("Compare {expected} with {received}: which of these axes is not one that you meant?"),
            later("Compare the axes of the declared input with those of the data, one by one."),
        ),
    ),
    "target_shape": Saying(
        (
            later(
                "How many numbers does your model answer for each sample, and how many does the target "
                "(or the sample weight) hold for each?"
            ),
        ),
        (
            later("It is axis {place}: the model answers with {wanted} there, and {came} came."),
            later("Look behind axis 0, the samples: {expected} is compared with {received}."),
            later(
                "Look behind axis 0, the samples: what came is {received}, and the model's answer has "
                "other axes there."
            ),
            later("Look behind axis 0, the samples: what came has not the axes of the model's answer there."),
        ),
    ),
    "target_encoding": Saying(
        (
            later(
                "How does your target name the classes: by one number a sample, counted from 0, or by a"
                " row of zeros with a one? And which of the two do the loss and the metrics read?"
            ),
        ),
        (
            later(
                "Look at the last axis and at what stands in it: {expected} is read, and {received} "
                "came. One class number has no axis of its own, and counts from 0; a row of zeros with "
                "a one has one place for each class."
            ),
            later(
                "Look at the last axis and at what stands in it. One class number has no axis of its "
                "own, and counts from 0; a row of zeros with a one has one place for each class."
            ),
        ),
    ),
    "sample_count": Saying(
        (
            later("How many samples are in each of the arrays that you pass to `{method}`?"),
            later("How many samples are in each of the arrays that belong together here?"),
        ),
        (
            later("It is axis 0, the samples: {wanted} against {came}. To every sample belongs one target."),
            later("It is axis 0, the samples: it does not have one size everywhere."),
        ),
    ),
    "batch_remainder": Saying(
        (
            later(
                "The model was made for one size of batch. Into how many whole batches of that size do "
                "your samples divide, and how many are left?"
            ),
        ),
        (
            later("It is axis 0, the samples of one batch: {wanted} are read, and {came} came."),
            later(
                "It is axis 0, the samples of one batch: one of the batches is smaller than the model allows."
            ),
        ),
    ),
    "state_size": Saying(
        (
            later(
                "A recurrent layer begins with a state. How many numbers does the state of a layer with"
                " so many units hold, and how many are handed to it?"
            ),
        ),
        (
            later("It is the last axis of the state: one number for each unit of the layer, {expected}."),
            later("It is the last axis of the state: it has one number for each unit of the layer."),
        ),
    ),
    "merge": Saying(
        (
            later(
                "Two branches meet here. Which shape does each of them have, and which of their axes "
                "must be equal?"
            ),
        ),
        (
            later("It is axis {place}: {wanted} in one branch, and {came} in the other."),
            later(
                "Compare {expected} with {received}: but for the axis along which they are joined, all "
                "must be equal."
            ),
            later("Write the shapes of the branches under each other, and compare them axis by axis."),
        ),
    ),
    "input_count": Saying(
        (
            later(
                "How many inputs does the model take, in which order or under which names, and how many"
                " arrays do you pass to `{method}`?"
            ),
            later(
                "How many inputs does the model or the layer take, in which order or under which names,"
                " and how many arrays does it get?"
            ),
        ),
        (
            later(
                "No axis is wrong by itself: compare the list of inputs with the list of arrays, one by one."
            ),
        ),
    ),
    "weights": Saying(
        (
            later(
                "Weights belong to the model that they were made for. In which layer does the model "
                "that gave them differ from the one that gets them?"
            ),
        ),
        (
            later("It is axis {place} of one weight: {wanted} are there, and {came} came."),
            later(
                "Compare {expected} with {received}: the first axis of a kernel counts what comes in, "
                "the last one the units."
            ),
            later("The first axis of a kernel counts what comes in, the last one the units: compare both."),
        ),
    ),
    "custom_op": Saying(
        (later("In this computation of your own, which shape does each operand have at this line?"),),
        (
            later("It is axis {place}: {wanted} on one side, and {came} on the other."),
            later("Compare {expected} with {received}, from the last axis to the first."),
            later("Compare the operands from the last axis to the first: which pair of sizes does not fit?"),
        ),
    ),
    "other": Saying(
        (later("Which shape is read at this line, and which shape came?"),),
        (
            later("It is axis {place}: {wanted} are read, and {came} came."),
            later("{expected} is read, and {received} came: compare them axis by axis."),
            later("Write both shapes under each other, and compare them axis by axis."),
        ),
    ),
    # Nothing was raised.
    "broadcast_loss": Saying(
        (
            later(
                "The loss compares the model's answers with the target, number by number. Which shape "
                "does each of the two have?"
            ),
        ),
        (
            later(
                "Compare {expected} with {received}: where one has no axis, or a one, its numbers are "
                "repeated."
            ),
            later(
                "Look for an axis that one of the two does not have, or that is one there: its numbers "
                "are repeated."
            ),
        ),
    ),
    "timesteps_unchecked": Saying(
        (
            later(
                "The model was made for {wanted} timesteps a sample. How many did it get, and did you "
                "mean that?"
            ),
            later(
                "For how many timesteps a sample was the model made, how many did it get, and did you "
                "mean that?"
            ),
        ),
        (
            later(
                "It is axis 1, the timesteps: {wanted} were declared, and {came} came. Keras took them "
                "without a word."
            ),
            later("It is axis 1, the timesteps: another number came than was declared."),
        ),
    ),
    "mask_lost": Saying(
        (later("Which timesteps of your sequences are filling, and does the layer that reads them know?"),),
        (
            later(
                "It is axis 1, the timesteps: the mask that says which of them count gets lost between "
                "two layers."
            ),
        ),
    ),
    "pad_unmasked": Saying(
        (
            later(
                "Which timesteps of your sequences are filling, and how should the model tell them from data?"
            ),
        ),
        (later("It is axis 1, the timesteps: the filled ones are read like all others."),),
    ),
    "scrambled": Saying(
        (
            later(
                "Is one row of one sample still one moment of your data? A new shape keeps the numbers "
                "in their order; changing the order of the axes moves them."
            ),
        ),
        (
            later(
                "Axes 1 and 2, timesteps and features, were to change places; the sizes did, and the "
                "numbers did not."
            ),
        ),
    ),
    "time_major": Saying(
        (
            later(
                "Which axis of your data counts the samples, and which one the timesteps? The model "
                "takes the first for the samples."
            ),
        ),
        (later("Axes 0 and 1 have changed places: the timesteps stand first, and the sizes happen to fit."),),
    ),
}

WHERE = (
    later(
        "The variable is `{array}`, of shape {shape}, and the layer that it does not fit is `{layer_name}`."
    ),
    later("The variable is `{array}`, and the layer that it does not fit is `{layer_name}`."),
    later("The variable is `{array}`, of shape {shape}."),
    later("The variable is `{array}`."),
    later("The layer is `{layer_name}`, to which {came_shape} comes."),
    later("The layer is `{layer_name}`."),
    later("It is in this statement: `{statement}`"),
    later("No variable and no layer could be told to be the one."),
)
"""The third hint, of whatever cause. The summary says more, and often what to do: that is the next step."""
