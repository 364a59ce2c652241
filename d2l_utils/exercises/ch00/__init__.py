"""Start here."""

# In the order of the lesson.
EXERCISES = ("share_right",)
