"""The exercises of lesson 02, in its order."""

EXERCISES = (
    "gradient_by_hand",
    "predict_arms",
    "float32_step",
    "slope_towards",
    "level_direction",
    "read_a_gradient",
    "judge_a_gradient",
    "forward_gradient",
    "one_direction",
)
