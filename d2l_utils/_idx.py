"""The format of the MNIST files."""

import math
import struct

import numpy as np
from numpy.typing import NDArray


def read_idx(content: bytes) -> NDArray[np.uint8]:
    """Read an array of bytes in the IDX format.

    Two bytes 0, the type, the number of dimensions; each dimension in four bytes,
    the highest first; then the entries.
    """
    if len(content) < 4 or content[:3] != b"\0\0\x08" or not content[3]:
        raise ValueError(
            "an IDX file of bytes must start with 00 00 08 and its number of "
            f"dimensions, got {content[:4].hex(' ') or 'nothing'}"
        )
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(
            f"an IDX file with {dimensions} dimensions must have at least {start} "
            f"bytes, got {len(content)}"
        )
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"an IDX file of shape {shape} must have {math.prod(shape)} entries, "
            f"got {len(content) - start}"
        )
    entries = np.frombuffer(content, np.uint8)[start:]
    try:
        return entries.reshape(shape).copy()
    except ValueError as error:
        # Too many dimensions, or an empty array with others that are too large.
        raise ValueError(
            f"an IDX file must have a shape that NumPy can hold, got {dimensions} "
            f"dimensions: {error}"
        ) from None
