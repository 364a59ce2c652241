"""Derivatives."""

# In the order of the lesson.
EXERCISES = (
    "slope_by_rules",
    "central_difference",
    "predict_divided_by_h",
    "partial_derivatives",
    "chain",
    "halving",
)
