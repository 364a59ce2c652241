"""The exercises of lesson 05, in its order."""

EXERCISES = (
    "steps_of_an_epoch",
    "deal",
    "predict_second_call",
    "shapes",
    "mend_training",
    "large_step",
    "batch_for_the_noise",
    "rate_of_an_epoch",
)
