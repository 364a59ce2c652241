"""The exercises of lesson 08, in its order."""

EXERCISES = (
    "parameters",
    "top_accuracy",
    "fold_layers",
    "predict_equal_start",
    "map_sides",
    "confusion_rates",
    "mend_training",
    "small_network",
)
