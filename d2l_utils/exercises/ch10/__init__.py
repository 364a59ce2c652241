"""The exercises of lesson 10, in its order."""

EXERCISES = (
    "bytes",
    "unequal_shards",
    "reduce_scatter",
    "set_epoch",
    "padded_accuracy",
    "why_it_hangs",
    "rate_for_four",
    "when_worth_it",
    "resume",
)
