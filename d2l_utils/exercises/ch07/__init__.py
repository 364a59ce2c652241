"""The exercises of lesson 07, in its order."""

EXERCISES = (
    "slopes_by_hand",
    "order",
    "predict_overwriting",
    "sum_back",
    "tanh_rule",
    "slopes_of_scores",
    "mend_the_walk_back",
)
