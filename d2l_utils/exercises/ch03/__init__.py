"""The exercises of lesson 03, in its order."""

EXERCISES = (
    "after_seven_steps",
    "two_rates",
    "broken_promise",
    "predict_two_directions",
    "best_rate",
    "rates_of_bowl",
    "mend_the_walk",
    "mend_the_torch_walk",
    "growing_step",
    "own_rate",
)
