import os

from hypothesis import settings

# The exercises that a developer has solved are none of the tests' business, and the
# training tasks among them take the small data.
os.environ |= {"D2L_PROGRESS": "", "D2L_EXERCISE_DATA": "digits"}

# The same examples on every run; the clock decides nothing.
settings.register_profile("downhill", deadline=None, derandomize=True)
settings.load_profile("downhill")
