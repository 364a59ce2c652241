import lazy_loader
import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "12.mend_adam_in_torch",
    hints=[
        "What does `weight_decay` do in Keras' Adam, and what in PyTorch's?",
        "In Keras it is decoupled. Which class of PyTorch decouples it?",
        """`torch.optim.AdamW`. Its own default is 0.01: where the config has no decay,
        give it 0 or keep `torch.optim.Adam`.""",
    ],
    explanation="""Keras' Adam with a decay is AdamW. PyTorch's Adam would send the
        decay through the gradient, where the root divides it away. Without a decay both
        classes do the same, if AdamW is told that its decay is 0.""",
)


@ex.stub
def adam_in_torch(config):
    """Give the class of torch.optim and its options, for settings of Keras' Adam."""
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
    }
    if config["weight_decay"] is not None:
        options["weight_decay"] = config["weight_decay"]
    return torch.optim.Adam, options


@ex.solution
def adam_in_torch(config):
    """Give the class of torch.optim and its options, for settings of Keras' Adam."""
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
    }
    if config["weight_decay"] is not None:
        options["weight_decay"] = config["weight_decay"]
        return torch.optim.AdamW, options
    return torch.optim.Adam, options


def _config(weight_decay):
    """What keras.optimizers.Adam(...).get_config() gives, as far as it is needed."""
    return {
        "name": "adam",
        "learning_rate": 0.0625,
        "weight_decay": weight_decay,
        "beta_1": 0.75,
        "beta_2": 0.875,
        "epsilon": 1e-7,
        "amsgrad": False,
    }


def _walk(answer, weight_decay):
    """Where forty steps of the translated rule lead, and where they should."""
    got = answer(_config(weight_decay))
    if not (isinstance(got, tuple | list) and len(got) == 2 and callable(got[0])):
        refuse("Two things are wanted: the class, and a dictionary of its options.")
    rng = np.random.default_rng(0)
    grads, x = rng.normal(size=(40, 3)), rng.normal(size=3) * 5
    tensor = torch.tensor(x)
    rule = got[0]([tensor], **got[1])
    decay = weight_decay or 0.0
    ours = d2l.AdamW([x], 0.0625, (0.75, 0.875), 1e-7, weight_decay=decay)
    for grad in grads:
        tensor.grad = torch.from_numpy(grad.copy())
        rule.step()
        ours.step([grad])
    return tensor, x


@ex.check("with a decay of 0.5, forty steps: as in Keras")
def _(answer):
    got, wanted = _walk(answer, 0.5)
    expect(
        got,
        wanted,
        mistakes=[
            (
                _walk(untouched, 0.5)[0],
                """The decay still goes through the gradient, as `torch.optim.Adam` has
                it. Keras shrinks the weights directly.""",
            ),
            (
                _walk(forgets_the_decay, 0.5)[0],
                "The decay of the config is not handed on.",
            ),
            (
                _walk(default_decay, 0.5)[0],
                "That is PyTorch's own decay, 0.01. Hand on that of the config.",
            ),
            (
                _walk(decay_times_rate, 0.5)[0],
                "Both libraries multiply the decay by the rate: hand it on as it is.",
            ),
        ],
        tip="The rule differs from Keras' Adam. Are rate, betas and decay handed on?",
    )


@ex.check("without a decay: as before")
def _(answer):
    got, wanted = _walk(answer, None)
    expect(
        got,
        wanted,
        mistakes=[
            (
                _walk(always_adamw, None)[0],
                """Where the config has no decay, `torch.optim.AdamW` takes its own,
                0.01. Give it 0.""",
            ),
        ],
        tip="Without a decay it was right. What has changed?",
    )


@ex.wrong(says="still goes through the gradient")
def untouched(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
        "weight_decay": config["weight_decay"] or 0.0,
    }
    return torch.optim.Adam, options


@ex.wrong(says="is not handed on")
def forgets_the_decay(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
    }
    return torch.optim.Adam, options


@ex.wrong(says="PyTorch's own decay")
def default_decay(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
    }
    return torch.optim.AdamW, options


@ex.wrong(says="hand it on as it is")
def decay_times_rate(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
        "weight_decay": config["learning_rate"] * (config["weight_decay"] or 0.0),
    }
    return torch.optim.AdamW, options


@ex.wrong(says="takes its own, 0.01")
def always_adamw(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
    }
    if config["weight_decay"] is not None:
        options["weight_decay"] = config["weight_decay"]
    return torch.optim.AdamW, options


@ex.wrong(says="Two things are wanted")
def only_the_class(config):
    return torch.optim.AdamW


@ex.wrong(says="Are rate, betas and decay handed on?")
def usual_betas(config):
    options = {"lr": config["learning_rate"], "eps": config["epsilon"]}
    return torch.optim.AdamW, options | {"weight_decay": config["weight_decay"] or 0.0}


@ex.right
def adamw_with_zero(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
        "weight_decay": config["weight_decay"] or 0.0,
    }
    return torch.optim.AdamW, options


@ex.right
def adam_that_is_told(config):
    options = {
        "lr": config["learning_rate"],
        "betas": (config["beta_1"], config["beta_2"]),
        "eps": config["epsilon"],
        "weight_decay": config["weight_decay"] or 0.0,
        "decoupled_weight_decay": True,
    }
    return torch.optim.Adam, options
