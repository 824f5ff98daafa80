# Each target does all its own set-up on a fresh machine with Python 3.11.
PYTHON ?= python3
BIN := .venv/bin
# Where Debian's tools can't be installed (no root), the browser tests skip and say so.
APT := chromium fonts-noto-cjk

.PHONY: install install-dev chat demo test check browser postgres

install: .venv/installed
install-dev: .venv/installed-dev

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tunesmith needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --only-binary=:all: -c constraints.txt setuptools torch
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e '.[dev]'
	touch $@

browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(APT) >/dev/null; } || \
	  echo "chromium is not here and can't be installed: the browser tests will skip"

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && mkdir -p /etc/postgresql-common && \
	  { [ -e /etc/postgresql-common/createcluster.conf ] || \
	    echo create_main_cluster = false >/etc/postgresql-common/createcluster.conf; } && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } || \
	  echo "PostgreSQL is not here and can't be installed: its tests will skip"

chat: install
	$(BIN)/tunesmith serve chat --open

demo: install
	$(BIN)/tunesmith demo

test: install-dev browser postgres
	$(BIN)/python -m pytest -m "not slow and not browser"
	$(BIN)/python -m pytest -m "slow or browser"

check: install-dev browser postgres
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test
