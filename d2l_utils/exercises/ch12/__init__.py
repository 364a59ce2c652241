"""The exercises of lesson 12, in its order."""

EXERCISES = (
    "two_roots",
    "predict_raised_rate",
    "same_epsilon",
    "momentum_correction",
    "find_the_cause",
    "mend_adam_in_torch",
    "keras_rmsprop",
)
