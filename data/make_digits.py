"""Make digits.csv from UCI's optdigits.tes: the same lines under a line of names.

    python data/make_digits.py path/to/digits.csv.gz

The package scikit-learn brings the file, compressed, as
sklearn/datasets/data/digits.csv.gz.
"""

import gzip
import hashlib
import sys
from pathlib import Path

SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
PIXELS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
NAMES = ",".join([*PIXELS, "digit"])


def convert(original):
    """The bytes of digits.csv; a ValueError if they are not made of UCI's file."""
    found = hashlib.sha256(original).hexdigest()
    if found != SHA256:
        raise ValueError(
            f"this is not UCI's optdigits.tes: SHA-256 {found}, not {SHA256}"
        )
    return f"{NAMES}\n".encode() + original


if __name__ == "__main__":
    target = Path(__file__).with_name("digits.csv")
    target.write_bytes(convert(gzip.decompress(Path(sys.argv[1]).read_bytes())))
