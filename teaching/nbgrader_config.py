"""Settings of nbgrader for what teaching/export_assignment.py writes."""

c = get_config()  # noqa: F821 -- nbgrader gives it

# In the students' version nothing takes the place of a solution: the stub is above it.
c.ClearSolutions.code_stub = {"python": ""}

# Seconds for a cell. In a points cell the checks stop slow answers, long before that.
c.Execute.timeout_func = lambda cell: 3600 if "score(" in cell.source else 120

# A points cell that a student has deleted is run all the same.
c.OverwriteCells.add_missing_cells = True
