"""The exercises of lesson 11, in its order."""

EXERCISES = (
    "predict_lost_one",
    "float32_h",
    "difference_of_roots",
    "mend_variance",
    "extrapolated",
)
