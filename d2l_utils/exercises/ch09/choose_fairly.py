from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "09.choose_fairly",
    hints=[
        "Which pictures decide which setting wins? Which pictures judge the winner?",
        "Compare by the accuracy on `validation`, and remember the winner's network.",
        "After the loop, ask the test pictures once: `accuracy(best_net, test)`.",
    ],
    explanation="""The settings compete on the validation pictures. The winner's
        accuracy there is flattered, since it was chosen for being high; so the winner,
        and no one else, is asked about the test pictures, once, and that number is
        reported, whatever it is.""",
)


@ex.stub
def choose(settings, train, accuracy, validation, test):
    """Give the best setting, and how well its network does on new pictures.

    train(setting) gives a trained network; accuracy(net, part) gives its accuracy on
    a part of the pictures: on validation, or on test.
    """
    best_setting, best = None, 0
    for setting in settings:
        net = train(setting)
        result = accuracy(net, test)
        if result > best:
            best_setting, best = setting, result
    return best_setting, best


@ex.solution
def choose(settings, train, accuracy, validation, test):
    """Give the best setting, and how well its network does on new pictures.

    train(setting) gives a trained network; accuracy(net, part) gives its accuracy on
    a part of the pictures: on validation, or on test.
    """
    best_setting, best_net, best = None, None, 0
    for setting in settings:
        net = train(setting)
        result = accuracy(net, validation)
        if result > best:
            best_setting, best_net, best = setting, net, result
    return best_setting, accuracy(best_net, test)


# Accuracy on validation and on test pictures, for each setting.
TABLE = {0.0: (0.90, 0.89), 0.1: (0.94, 0.91), 1.0: (0.93, 0.95), 10.0: (0.80, 0.79)}


# Stands in for trainings: keeps what was trained, and what was asked of whom.
class _Trainings:
    def __init__(self, table):
        self.table, self.trained, self.asked = table, [], []

    # A network is known by its setting and its number.
    def train(self, setting):
        self.trained.append(setting)
        return setting, len(self.trained)

    # A network that is trained again differs a little.
    def accuracy(self, net, part):
        if not isinstance(net, tuple):
            refuse("`accuracy` is asked about a network, as `train` gives it.")
        if part not in ("validation", "test"):
            refuse("`accuracy` takes one of the two parts, `validation` or `test`.")
        setting, number = net
        self.asked.append((number, part))
        again = 0.007 * (number - 1 - list(self.table).index(setting))
        return self.table[setting][part == "test"] + again


def _run(answer, table=TABLE):
    """What an answer gives, as a pair, and what it did."""
    did = _Trainings(table)
    got = answer(list(table), did.train, did.accuracy, "validation", "test")
    if not isinstance(got, tuple | list) or len(got) != 2:
        refuse(
            "Two things are to be returned: the setting and the accuracy.",
            got=got,
        )
    return got, did


@ex.check("the setting that wins")
def _(answer):
    (setting, _), did = _run(answer)
    if not did.asked:
        refuse("No accuracy was asked for: `accuracy(net, validation)` gives one.")
    expect(
        setting,
        0.1,
        shown="another setting",
        mistakes=[
            (1.0, "That one is the best on the *test* pictures. They must not choose."),
            (0.0, "That is the first setting. Are all of them compared?"),
            (10.0, "That is the last setting. Is the best one remembered?"),
            (0.94, "That is an accuracy. The setting comes first."),
            (0.91, "That is an accuracy. The setting comes first."),
        ],
        tip="The settings compete on the validation pictures.",
    )


@ex.check("the number that is reported")
def _(answer):
    (_, number), did = _run(answer)
    asked = [net for net, part in did.asked if part == "test"]
    if not asked:
        refuse(
            """That is its accuracy on the validation pictures, which have chosen it: it
            is flattered. Ask the test pictures about the winner.""",
            got=number,
        )
    expect(
        number,
        0.91,
        mistakes=[
            (0.94, "That is its accuracy on the validation pictures: it is flattered."),
            (0.95, "That is another setting's accuracy on the test pictures."),
            (0.79, "That is the last network. The winner's was an earlier one."),
            (
                0.931,
                "The network was trained again for it. It is another one than that "
                "which has won.",
            ),
        ],
        tip="The accuracy of the winner's network on the test pictures is wanted.",
    )


@ex.check("the test pictures are asked once")
def _(answer):
    _, did = _run(answer)
    asked = [net for net, part in did.asked if part == "test"]
    if len(asked) != 1:
        refuse(
            """The test pictures were asked {count} times. Once, about the winner, is
            enough: whoever looks more often will choose by what is seen.""",
            count=len(asked),
        )


@ex.check("each setting is trained once")
def _(answer):
    _, did = _run(answer)
    if len(did.trained) > len(TABLE):
        refuse(
            "{count} trainings for {settings} settings: keep the winner's network.",
            count=len(did.trained),
            settings=len(TABLE),
        )


@ex.check("other settings")
def _(answer):
    table = {"small": (0.5, 0.6), "large": (0.7, 0.6), "none": (0.2, 0.9)}
    (setting, number), _ = _run(answer, table)
    if setting != "large":
        refuse("Of three settings with names, the second is the best.", got=setting)
    expect(number, 0.6, tip="Its accuracy on the test pictures was 0.6.")


@ex.wrong(says="They must not choose")
def by_the_test(settings, train, accuracy, validation, test):
    nets = [train(setting) for setting in settings]
    results = [accuracy(net, test) for net in nets]
    best = results.index(max(results))
    return settings[best], results[best]


@ex.wrong(says="which have chosen it")
def reports_the_validation(settings, train, accuracy, validation, test):
    return choose(settings, train, accuracy, validation, validation)


@ex.wrong(says="were asked 4 times")
def looks_at_both(settings, train, accuracy, validation, test):
    best, found = 0, None
    for setting in settings:
        net = train(setting)
        result, tested = accuracy(net, validation), accuracy(net, test)
        if result > best:
            best, found = result, (setting, tested)
    return found


@ex.wrong(says="The winner's was an earlier one")
def asks_the_last(settings, train, accuracy, validation, test):
    best, chosen = 0, None
    for setting in settings:
        net = train(setting)
        result = accuracy(net, validation)
        if result > best:
            best, chosen = result, setting
    return chosen, accuracy(net, test)


@ex.wrong(says="It is another one than that which has won")
def trains_again(settings, train, accuracy, validation, test):
    results = [accuracy(train(setting), validation) for setting in settings]
    best = settings[results.index(max(results))]
    return best, accuracy(train(best), test)


@ex.wrong(says="keep the winner's network")
def trains_twice(settings, train, accuracy, validation, test):
    for setting in settings:
        train(setting)
    did = {}
    for setting in settings:
        did[setting] = settings.index(setting)
    nets = [(setting, did[setting] + 1) for setting in settings]
    results = [accuracy(net, validation) for net in nets]
    best = results.index(max(results))
    train(settings[best])
    return settings[best], accuracy(nets[best], test)


@ex.wrong(says="That is the first setting")
def the_first(settings, train, accuracy, validation, test):
    net = train(settings[0])
    accuracy(net, validation)
    return settings[0], accuracy(net, test)


@ex.wrong(says="Is the best one remembered?")
def the_last(settings, train, accuracy, validation, test):
    for setting in settings:
        net = train(setting)
        accuracy(net, validation)
    return setting, accuracy(net, test)


@ex.wrong(says="Two things are to be returned")
def only_the_setting(settings, train, accuracy, validation, test):
    return choose(settings, train, accuracy, validation, test)[0]


@ex.wrong(says="The setting comes first")
def other_way_round(settings, train, accuracy, validation, test):
    return choose(settings, train, accuracy, validation, test)[::-1]


@ex.wrong(says="No accuracy was asked for")
def guessed(settings, train, accuracy, validation, test):
    return settings[1], 0.91


@ex.wrong(says="is asked about a network")
def asks_about_the_setting(settings, train, accuracy, validation, test):
    results = [accuracy(setting, validation) for setting in settings]
    return settings[results.index(max(results))], max(results)


@ex.wrong(says="takes one of the two parts")
def both_parts_at_once(settings, train, accuracy, validation, test):
    results = [accuracy(train(setting), [validation, test]) for setting in settings]
    return settings[results.index(max(results))], max(results)


@ex.wrong(says="Of three settings with names")
def numbers_only(settings, train, accuracy, validation, test):
    if isinstance(settings[0], str):
        net = train(settings[0])
        return settings[0], accuracy(net, test)
    return choose(settings, train, accuracy, validation, test)


@ex.right
def from_lists(settings, train, accuracy, validation, test):
    nets = [train(setting) for setting in settings]
    results = [accuracy(net, validation) for net in nets]
    best = results.index(max(results))
    return settings[best], accuracy(nets[best], test)


@ex.right
def with_max(settings, train, accuracy, validation, test):
    nets = {setting: train(setting) for setting in settings}
    best = max(nets, key=lambda setting: accuracy(nets[setting], validation))
    return [best, accuracy(nets[best], test)]
