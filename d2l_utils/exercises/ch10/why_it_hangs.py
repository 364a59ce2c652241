from ..exercise import Exercise

ex = Exercise(
    "10.why_it_hangs",
    hints=[
        "How many examples has each process, and how many batches does that make?",
        """An all_reduce knows nothing of epochs: the sixth call of one process meets
        the sixth call of the other, wherever that is.""",
        "In three epochs one process takes 18 steps, the other 15.",
    ],
    explanation="""Process 0 has 51 examples, 6 batches an epoch; process 1 has 50, 5
        batches. The sixth step of process 0 is met by the first step of process 1 in
        its second epoch, and so on, two epochs mixed without an error. After 15 steps
        process 1 is through. Process 0 is then at its step 16, the fourth of its third
        epoch, and finds nobody there. So a training with uneven batches may seem to run
        well for all epochs but the last.""",
)
ex.choice(
    {
        "a": """DDP does not ask who is there: an all_reduce ends when *every* process
            has called it as often as the others. Do they?""",
        "b": """Process 1 takes no sixth step in its first epoch. Whoever has no batch
            left does not call, so it does not wait.""",
        "c": """It has one batch more in that epoch, yes. But what does process 1 do in
            the meantime? It has gone on to its second epoch, and calls there.""",
    },
    alone="d",
)
