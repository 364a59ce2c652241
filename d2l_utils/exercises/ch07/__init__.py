"""The exercises of lesson 07, in its order."""

EXERCISES = (
    "slopes_by_hand",
    "order",
    "predict_overwriting",
    "two_by_two",
    "sum_back",
    "tanh_rule",
    "one_layer",
    "slopes_of_scores",
    "mend_the_walk_back",
)
