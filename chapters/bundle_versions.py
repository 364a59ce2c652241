"""A step of building the wheel: puts in the versions that the course is checked with.

A list of pyproject.toml would put them beside the package in a checkout, too, where an
installation that leads there would find half a package.
"""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleVersions(BuildHookInterface):
    """What pyproject.toml names under hooks.custom."""

    def initialize(self, version, build_data):
        """Add the file, but not where the wheel only leads to the checkout."""
        if version == "standard":
            place = "d2l_utils/bundled/requirements.txt"
            build_data["force_include"]["requirements.txt"] = place
