"""The exercises of lesson 09, in its order."""

EXERCISES = (
    "which_one",
    "expected_errors",
    "stop_early",
    "predict_wrong_labels",
    "paired_error",
    "find_the_leak",
    "choose_fairly",
    "temperature",
)
