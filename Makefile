# dmo: `make demo` sizes an op-amp, `make test` runs every test, `make help` lists the rest.
# Each target first installs the Debian packages that it misses, by name, and says so.

SHELL    := /bin/bash
# What dmo and its plugins link against, and a C compiler for plugins and test fixtures.
PACKAGES := gcc make pkg-config libltdl-dev libngspice0-dev libopenblas-dev libsqlite3-dev libfftw3-dev libcjson-dev
SUDO     := $(if $(filter 0,$(shell id -u)),,sudo)
BIN      := .build/release

.PHONY: build help setup demo test sanitize clean

# `make` alone is the whole set-up.
build: setup
	@echo "building dmo and its plugins (the first time takes a few minutes)"
	@swift build -c release 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]|^(Fetching|Fetched|Updating|Updated|Computing|Computed|Creating|Working)' ; exit $${PIPESTATUS[0]}

help:
	@echo "make demo      install what is missing, build, and size an op-amp with 200 simulations"
	@echo "make test      install what is missing, build, and run every test"
	@echo "make build     the optimised dmo and its plugins, in $(BIN)"
	@echo "make sanitize  the C code under AddressSanitizer and UBSan"
	@echo "make clean     remove what was built"

setup:
	@command -v swift >/dev/null || { echo "swift is missing: install Swift 6 (swift.org) and put it on PATH"; exit 1; }
	@missing=; for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing (apt-get)"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $$missing >/dev/null; \
	fi

demo: build
	@mkdir -p studies
	@n=1; while [ -e studies/opamp-fom-$$n.dmo ]; do n=$$((n+1)); done; \
	$(BIN)/dmo run --plugin $(BIN)/libopamp.so --problem opamp-fom --trainer gradpie --budget 200 --seed $$n \
	  --jobs $$(nproc) --study studies/opamp-fom-$$n.dmo

test: build
	swift test
	Tests/Scripts/sanitize.sh

sanitize: setup
	Tests/Scripts/sanitize.sh

clean:
	rm -rf .build
