"""Settings of nbgrader for the assignments that teaching/export.py writes."""

c = get_config()  # noqa: F821 -- nbgrader gives it

# In the students' version nothing takes the place of a solution: the stub is above it.
c.ClearSolutions.code_stub = {"python": ""}

# Seconds for one cell. The checks stop slow answers themselves, before that.
c.Execute.timeout = 600

# A test cell that a student has deleted is run all the same.
c.OverwriteCells.add_missing_cells = True
