"""One epoch through Keras, whose backend the environment names beforehand."""

import keras
from keras.ops import convert_to_numpy


def prepare(data):
    """A function that trains for one epoch, always from the same start."""
    inputs, hidden, outputs = data.start[0].shape[0], *map(len, data.start[1::2])
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(outputs, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    state = [convert_to_numpy(variable).copy() for variable in optimizer.variables]

    def train():
        # A new model would be compiled again.
        model.set_weights(data.start)
        for variable, value in zip(optimizer.variables, state, strict=True):
            variable.assign(value)
        model.fit(data.X, data.y, batch_size=32, epochs=1, verbose=0)
        return model.get_weights()

    return train
