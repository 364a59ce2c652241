"""The exercises of lesson 01, in its order."""

EXERCISES = (
    "slope_by_rules",
    "estimate",
    "central_difference",
    "predict_divided_by_h",
    "lowest_at_an_end",
    "product",
    "partial_derivatives",
    "chain",
    "halving",
)
