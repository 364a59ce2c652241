"""The exercises of lesson 04, in its order."""

EXERCISES = (
    "loss_and_slopes",
    "gradient_without_half",
    "mend_descent",
    "predict_outlier",
    "standardize",
    "rate_for_one_step",
    "predict_two_groups",
    "held_out_r_squared",
    "best_single_feature",
)
