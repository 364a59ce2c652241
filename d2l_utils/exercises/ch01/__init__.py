"""The exercises of lesson 01, in its order."""

EXERCISES = (
    "slope_by_rules",
    "central_difference",
    "predict_divided_by_h",
    "partial_derivatives",
    "chain",
    "halving",
)
