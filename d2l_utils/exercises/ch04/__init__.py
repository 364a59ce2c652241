"""Linear regression."""

# In the order of the lesson.
EXERCISES = (
    "loss_and_slopes",
    "gradient_without_half",
    "mend_descent",
    "predict_outlier",
    "standardize",
    "rate_for_one_step",
    "best_single_feature",
)
