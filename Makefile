# Everything runs in .venv, which the first target that needs it makes.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV_PYTHON = .venv/bin/python
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

help:
	@echo "make lab       open your copy of the lessons, my_lessons, in JupyterLab"
	@echo "make test      run every check"
	@echo "make chapters  build the notebooks from chapters/text (LESSON=01: only that one;"
	@echo "               ALL=1: execute also those whose code is unchanged)"
	@echo "make bench     time the package (RECORD=1: the lessons take these times)"
	@echo "make teaching  install nbgrader, for a class (teaching/README.md)"
	@echo "make site      build the web edition (EDITION=zh: renew that language)"
	@echo "make serve     show the web edition on this computer"
	@echo "make times     measure the run times on its status page"
	@echo "make lint      run the linters alone"
	@echo "make format    format the code, that of the lesson texts too"
	@echo "make lock      renew the versions in requirements.txt"
	@echo "make clean     remove the environment and all caches"

# The stamp is written last, so that an environment left half-made is made again.
.venv/.installed: requirements.txt pyproject.toml
	@"$(PYTHON)" -c "$(NEW_ENOUGH)" 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; found: $(or $(PYTHON),none)."; \
	  echo "Install one (python.org/downloads) or name it: make PYTHON=/path/to/python3"; \
	  exit 1; }
	@$(VENV_PYTHON) -c "import pip; $(NEW_ENOUGH)" 2>/dev/null || \
	  "$(PYTHON)" -m venv --clear .venv
	$(VENV_PYTHON) -m pip install -r requirements.txt -e .
	@# JupyterLab's news and update notices would ask the network at every start.
	.venv/bin/jupyter labextension disable "@jupyterlab/apputils-extension:announcements"
	@touch $@

lab: .venv/.installed
	$(VENV_PYTHON) chapters/working_copy.py
	.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) my_lessons

test: .venv/.installed .venv/.site
	$(VENV_PYTHON) -m pytest

chapters: .venv/.installed
	$(VENV_PYTHON) chapters/builder.py $(if $(ALL),--all) $(LESSON)

bench: .venv/.installed
	$(VENV_PYTHON) benchmarks/bench.py $(if $(RECORD),--record)

# A stamp of its own: learners do without nbgrader.
.venv/.teaching: .venv/.installed teaching/requirements.txt
	$(VENV_PYTHON) -m pip install -r teaching/requirements.txt
	@touch $@

teaching: .venv/.teaching

# Another one: learners do without Sphinx.
.venv/.site: .venv/.installed site/requirements.txt
	$(VENV_PYTHON) -m pip install -r site/requirements.txt
	@touch $@

site: .venv/.site
	$(VENV_PYTHON) site/build_site.py $(EDITION)

serve: site
	$(VENV_PYTHON) site/build_site.py --serve $(PORT)

times: .venv/.installed
	$(VENV_PYTHON) site/run_times.py

lint: .venv/.installed
	$(VENV_PYTHON) -m pytest -n 0 tests/test_lint.py

format: .venv/.installed
	$(VENV_PYTHON) -m ruff format --extend-exclude "*.ipynb"
	$(VENV_PYTHON) -m jupytext --quiet --from md:myst --to md:myst \
	  --opt notebook_metadata_filter=kernelspec,-all \
	  --pipe ".venv/bin/ruff format -" chapters/text/*/*.md

lock: .venv/.installed
	$(VENV_PYTHON) -m pip install --quiet uv
	$(VENV_PYTHON) -m uv pip compile --quiet pyproject.toml \
	  --custom-compile-command "make lock" -o requirements.txt

# What is in my_lessons is the learner's, the checkpoints of JupyterLab too.
clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache dist site/_build
	find . -path ./my_lessons -prune -o -name __pycache__ -prune -exec rm -rf {} +
	find . -path ./my_lessons -prune -o -name .ipynb_checkpoints -prune -exec rm -rf {} +

.PHONY: help lab test chapters bench teaching site serve times lint format lock clean
