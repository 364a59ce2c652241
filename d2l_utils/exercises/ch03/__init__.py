"""Gradient descent."""

# In the order of the lesson.
EXERCISES = (
    "after_seven_steps",
    "two_rates",
    "predict_two_directions",
    "best_rate",
    "mend_the_walk",
    "mend_the_torch_walk",
    "growing_step",
    "own_rate",
)
