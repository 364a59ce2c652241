"""What an error in an answer means, where its own words do not say it."""

import contextlib
from collections.abc import Iterator, Mapping

from .exercise import Refusal, fill


@contextlib.contextmanager
def explained(mistakes: Mapping[str, str]) -> Iterator[None]:
    """Refuse an answer in words of our own if it ends with a known error.

    Other errors go on their way.

    Args:
        mistakes: Parts of the errors' texts, each with the message for that error.

    Raises:
        Refusal: If the error is known.
    """
    try:
        yield
    except Exception as error:
        for part, message in mistakes.items():
            if part in str(error):
                raise Refusal(fill(message)) from error
        raise
