"""The exercises of lesson 06, in its order."""

EXERCISES = (
    "two_steps",
    "predict_rate",
    "nesterov",
    "predict_second_step",
    "adam",
    "mend_adamw",
    "linear_schedule",
    "clip_gradients",
    "fewest_steps",
)
