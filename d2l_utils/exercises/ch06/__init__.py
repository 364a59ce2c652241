"""Optimizers."""

# In the order of the lesson.
EXERCISES = (
    "two_steps",
    "predict_rate",
    "nesterov",
    "predict_second_step",
    "adam",
    "mend_adamw",
    "linear_schedule",
    "fewest_steps",
)
