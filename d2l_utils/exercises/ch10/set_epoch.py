import lazy_loader

from ..exercise import Exercise
from ..expect import refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "10.set_epoch",
    hints=[
        "From what does the sampler make its order, if nobody tells it the epoch?",
        """One line in the outer loop, before the inner one begins: the order is made
        when the inner loop asks for it.""",
        "`sampler.set_epoch(epoch)`: the same number at every process.",
    ],
    explanation="""The sampler shuffles with a generator whose seed is its own seed plus
        the epoch, so every process makes the same order without a word to the others,
        and takes its share of it. Untold, it takes epoch 0 each time. And since the
        order depends on nothing but seed and epoch, a training that goes on with epoch
        7 deals what it would have dealt without a stop.""",
)


@ex.stub
def train(sampler, step, num_epochs, first_epoch=0):
    """Train from first_epoch to num_epochs - 1, with the examples of one process.

    sampler is a DistributedSampler; step(k) takes a step with example number k.
    """
    for _ in range(first_epoch, num_epochs):
        for k in sampler:
            step(k)


SAME_ORDER = train


@ex.solution
def train(sampler, step, num_epochs, first_epoch=0):
    """Train from first_epoch to num_epochs - 1, with the examples of one process.

    sampler is a DistributedSampler; step(k) takes a step with example number k.
    """
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch)
        for k in sampler:
            step(k)


SHARE, RANKS, EPOCHS = 6, 3, 4


def epochs_of(answer, rank, first_epoch=0):
    """The examples of each epoch that one of three processes takes a step with."""
    sampler = torch.utils.data.DistributedSampler(
        range(SHARE * RANKS), num_replicas=RANKS, rank=rank, seed=5
    )
    seen = []
    answer(sampler, seen.append, EPOCHS, first_epoch)
    count = EPOCHS - first_epoch
    if len(seen) != SHARE * count:
        refuse(
            """From epoch {first} to epoch {last} a process with {share} examples takes
            {wanted} steps: one for each example that its sampler deals, each time.""",
            expected="{wanted} steps",
            got="{came} steps",
            first=first_epoch,
            last=EPOCHS - 1,
            share=SHARE,
            wanted=SHARE * count,
            came=len(seen),
        )
    try:
        seen = [int(k) for k in seen]
    except (TypeError, ValueError):
        refuse("A step gets the number of one example.", got=seen[0])
    return [seen[i : i + SHARE] for i in range(0, len(seen), SHARE)]


@ex.check("every epoch has an order of its own")
def _(answer):
    epochs = epochs_of(answer, 0)
    if all(order == epochs[0] for order in epochs):
        refuse(
            """All epochs have the same order. The sampler must hear of each new epoch,
            before the loop asks it for its order, and by another number each time.""",
            got="{order}, in every epoch",
            order=epochs[0],
        )
    for number, order in enumerate(epochs):
        if order in epochs[:number]:
            refuse(
                """Epochs {one} and {other} have the same order. When is the sampler
                told of the new epoch: before its loop begins, or after?""",
                one=epochs.index(order),
                other=number,
                got="{order}, twice",
                order=order,
            )


@ex.check("in every epoch the processes share the examples among them")
def _(answer):
    ranks = [epochs_of(answer, rank) for rank in range(RANKS)]
    for number, shares in enumerate(zip(*ranks)):
        dealt = sorted(k for share in shares for k in share)
        if dealt != list(range(SHARE * RANKS)):
            refuse(
                """In epoch {number} some examples are seen by several processes, others
                by none: each has an order of another epoch. All must name the same
                number, so it cannot be drawn at random, nor be the rank.""",
                expected="each of the numbers 0 to {last} once",
                got="{dealt}",
                number=number,
                last=SHARE * RANKS - 1,
                dealt=dealt,
            )


@ex.check("in another epoch a process gets other examples")
def _(answer):
    shares = [sorted(share) for share in epochs_of(answer, 0)]
    if all(share == shares[0] for share in shares):
        refuse(
            """The order changes, but a process sees the same few examples in every
            epoch, and never those of the others. It is the sampler that must shuffle,
            since it deals to all of them.""",
            got="{share}, in every epoch",
            share=shares[0],
        )


@ex.check("a training that goes on deals like one that was never stopped")
def _(answer):
    whole = epochs_of(answer, 1)
    for first in (1, 2):
        if epochs_of(answer, 1, first_epoch=first) != whole[first:]:
            refuse(
                """Begun again with epoch {first}, it deals other examples than in epoch
                {first} of a training without a stop. Which number does the sampler get?
                It must be that of the epoch, not how many have passed since the
                start.""",
                first=first,
            )


@ex.wrong(says="The sampler must hear of each new epoch")
def always_zero(sampler, step, num_epochs, first_epoch=0):
    for _ in range(first_epoch, num_epochs):
        sampler.set_epoch(0)
        for k in sampler:
            step(k)


@ex.wrong(says="before the loop asks it for its order")
def one_list(sampler, step, num_epochs, first_epoch=0):
    order = list(sampler)
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch)
        for k in order:
            step(k)


@ex.wrong(says="by another number each time")
def how_many_epochs(sampler, step, num_epochs, first_epoch=0):
    sampler.set_epoch(num_epochs)
    SAME_ORDER(sampler, step, num_epochs, first_epoch)


@ex.wrong(says="before its loop begins, or after?")
def told_too_late(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        for k in sampler:
            step(k)
        sampler.set_epoch(epoch)


@ex.wrong(says="so it cannot be drawn at random")
def at_random(sampler, step, num_epochs, first_epoch=0):
    for _ in range(first_epoch, num_epochs):
        sampler.set_epoch(int(torch.randint(1000, (1,))))
        for k in sampler:
            step(k)


@ex.wrong(says="nor be the rank")
def with_the_rank(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch + sampler.rank)
        for k in sampler:
            step(k)


@ex.wrong(says="It is the sampler that must shuffle")
def shuffles_its_share(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        order = list(sampler)
        generator = torch.Generator().manual_seed(epoch)
        for k in torch.randperm(len(order), generator=generator).tolist():
            step(order[k])


@ex.wrong(says="not how many have passed since the start")
def counts_from_its_start(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(num_epochs - first_epoch):
        sampler.set_epoch(epoch)
        for k in sampler:
            step(k)


@ex.wrong(says="Which number does the sampler get?")
def one_more(sampler, step, num_epochs, first_epoch=0):
    for _ in range(first_epoch, num_epochs):
        for k in sampler:
            step(k)
        sampler.set_epoch(sampler.epoch + 1)


@ex.wrong(says="one for each example that its sampler deals")
def all_epochs_anew(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(num_epochs):
        sampler.set_epoch(epoch)
        for k in sampler:
            step(k)


@ex.wrong(says="From epoch 0 to epoch 3 a process with 6 examples")
def no_inner_loop(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch)
        step(next(iter(sampler)))


@ex.wrong(says="A step gets the number of one example")
def the_whole_list(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch)
        for _ in sampler:
            step(list(sampler))


@ex.right
def counted_from_one(sampler, step, num_epochs, first_epoch=0):
    for epoch in range(first_epoch, num_epochs):
        sampler.set_epoch(epoch + 1)
        for k in list(sampler):
            step(k)


@ex.right
def set_as_an_attribute(sampler, step, num_epochs, first_epoch=0):
    epoch = first_epoch
    while epoch < num_epochs:
        sampler.epoch = epoch
        for k in sampler:
            step(torch.tensor(k))
        epoch += 1
