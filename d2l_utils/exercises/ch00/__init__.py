"""The exercises of lesson 00, in its order."""

EXERCISES = ("share_right", "above_average")
