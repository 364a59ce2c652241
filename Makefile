# Everything runs in .venv, which the first target that needs it makes.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV_PYTHON = .venv/bin/python
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

help:
	@echo "make lab       open your copy of the lessons, my_lessons, in JupyterLab"
	@echo "make test      run every check (LESSON=03: those of one lesson, and the linters)"
	@echo "make nightly   run what takes too long even for .ci/run"
	@echo "make chapters  build the notebooks from chapters/text (LESSON=01: only that one;"
	@echo "               ALL=1: execute also those whose code is unchanged)"
	@echo "make bench     time the package (RECORD=1: the lessons take these times)"
	@echo "make teaching  install nbgrader, for a class (teaching/README.md)"
	@echo "make site      build the web edition (EDITION=zh: renew that language)"
	@echo "make pdf       build it, and print its lessons as a book, by Chromium"
	@echo "make serve     show the web edition on this computer"
	@echo "make times     measure the run times on its status page"
	@echo "make lint      run the linters alone"
	@echo "make format    format the code, that of the lesson texts too"
	@echo "make lock      renew the versions in the requirements files"
	@echo "make clean     remove the environment and all caches"

# The build of PyTorch without libraries for GPUs, which is a quarter as large. On
# Linux it is only in PyTorch's own index; elsewhere the ordinary one has no other.
TORCH_INDEX = https://download.pytorch.org/whl/cpu
TORCH = $(shell grep "^torch==" requirements.txt)

# What pip has not compiled is compiled at its first use, not at each one.
unexport PYTHONDONTWRITEBYTECODE

# The stamp is written last, so that an environment left half-made is made again.
.venv/.installed: requirements.txt pyproject.toml
	@"$(PYTHON)" -c "$(NEW_ENOUGH)" 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; found: $(or $(PYTHON),none)."; \
	  echo "Install one (python.org/downloads) or name it: make PYTHON=/path/to/python3"; \
	  exit 1; }
	@if [ "$$(uname -sm)" = "Darwin x86_64" ]; then \
	  echo "There is no $(TORCH) for Macs with Intel processors: see the README."; \
	  exit 1; fi
	@$(VENV_PYTHON) -c "import pip; $(NEW_ENOUGH)" 2>/dev/null || \
	  "$(PYTHON)" -m venv --clear .venv
	@if [ "$$(uname -s)" = Linux ] && $(VENV_PYTHON) .ci/answers.py $(TORCH_INDEX)/ 8; then \
	  $(VENV_PYTHON) -m pip install --no-compile --no-deps --index-url $(TORCH_INDEX) "$(TORCH)" || \
	  echo "PyTorch's CPU build is not to be had here: taking the ordinary one."; fi
	@# Most is never used, and so never compiled.
	$(VENV_PYTHON) -m pip install --no-compile -r requirements.txt -e .
	@touch $@

# Learners do without these: each has its own packages and its own stamp.
.venv/.dev: requirements-dev.txt
.venv/.site: site/requirements.txt
.venv/.teaching: teaching/requirements.txt
.venv/.dev .venv/.site .venv/.teaching: .venv/.installed
	$(VENV_PYTHON) -m pip install --no-compile -r $(filter %.txt,$^)
	@touch $@

lab: .venv/.installed
	$(VENV_PYTHON) -m d2l_utils lab

# What is about one lesson bears its name or number; the last ones are about all.
ONE = ($(LESSON)_ or $(LESSON). or test_lint or test_pairs or test_tags or \
  test_lesson_list) and not test_new_lesson

test: .venv/.dev .venv/.site
	$(if $(LESSON),DOWNHILL_TWICE=1) $(VENV_PYTHON) -m pytest $(if $(LESSON),-k "$(ONE)")

nightly: .venv/.dev
	DOWNHILL_NIGHTLY=1 $(VENV_PYTHON) -m pytest -m nightly tests

chapters: .venv/.dev
	$(VENV_PYTHON) chapters/builder.py $(if $(ALL),--all) $(LESSON)

bench: .venv/.dev
	$(VENV_PYTHON) benchmarks/bench.py $(if $(RECORD),--record)

teaching: .venv/.teaching

site: .venv/.site
	$(VENV_PYTHON) site/build_site.py $(EDITION)
	$(VENV_PYTHON) site/lite/build_lite.py

pdf: site
	$(VENV_PYTHON) site/book.py $(EDITION)

serve: site
	$(VENV_PYTHON) site/build_site.py --serve $(PORT)

times: .venv/.dev
	$(VENV_PYTHON) site/run_times.py

lint: .venv/.dev
	$(VENV_PYTHON) -m pytest -n 0 tests/test_lint.py

format: .venv/.dev
	$(VENV_PYTHON) -m ruff format --extend-exclude "*.ipynb"
	$(VENV_PYTHON) -m jupytext --quiet --from md:myst --to md:myst \
	  --opt notebook_metadata_filter=kernelspec,-all \
	  --pipe ".venv/bin/ruff format -" chapters/text/*/*.md

LOCK = $(VENV_PYTHON) -m uv pip compile --quiet --upgrade pyproject.toml \
  --custom-compile-command "make lock" --no-header
# Its own packages, with the versions that learners have of those that both need.
BEYOND = { echo "\# Renewed by make lock."; echo "-r $(2)"; \
  $(LOCK) --extra $(1) -c requirements.txt $(3) | grep -vE \
  "^($$(sed -n 's/==.*//p' requirements.txt | paste -sd '|' -))=="; }

lock: .venv/.installed
	$(VENV_PYTHON) -m pip install --quiet uv
	{ echo "# Renewed by make lock."; $(LOCK) --extra lab; } > requirements.txt
	$(call BEYOND,dev,requirements.txt) > requirements-dev.txt
	$(call BEYOND,site,../requirements.txt,-c requirements-dev.txt) > site/requirements.txt
	$(call BEYOND,teaching,../requirements.txt,-c requirements-dev.txt) > teaching/requirements.txt

# What is in my_lessons is the learner's, the checkpoints of JupyterLab too.
clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache dist site/_build
	find . -path ./my_lessons -prune -o -name __pycache__ -prune -exec rm -rf {} +
	find . -path ./my_lessons -prune -o -name .ipynb_checkpoints -prune -exec rm -rf {} +

.PHONY: help lab test nightly chapters bench teaching site pdf serve times lint format lock clean
