"""MNIST classifiers."""

# In the order of the lesson.
EXERCISES = (
    "parameters",
    "top_accuracy",
    "predict_equal_start",
    "map_sides",
    "confusion_rates",
    "mend_training",
    "small_network",
)
