from hypothesis import settings

# The same examples on every run; the clock decides nothing.
settings.register_profile("downhill", deadline=None, derandomize=True)
settings.load_profile("downhill")
