# dmo: `make demo` sizes an op-amp, `make test` runs every test, `make help` lists the rest.
# Each target first installs the Debian packages that it misses, by name, and says so.

SHELL    := /bin/bash
# What dmo and its plugins link against, a C compiler for plugins and test fixtures, and the plots of `dmo report`.
PACKAGES := gcc make pkg-config python3 libltdl-dev libngspice0-dev libopenblas-dev libsqlite3-dev libfftw3-dev \
            libcjson-dev python3-plotly
SUDO     := $(if $(filter 0,$(shell id -u)),,sudo)
# What the tests need besides: to read what dmo writes, and ngspice's command line to compare with.
TESTPACKAGES := libhdf5-103-1 python3-venv groff-base chromium ngspice
BIN      := .build/release
PLUGINS  := opamp oscillators wavefront hh testproblems command python

# Where `make install` puts things; PREFIX must be an absolute path.
PREFIX  ?= /usr/local
DESTDIR ?=
includedir   = $(DESTDIR)$(PREFIX)/include/dmo
libdir       = $(DESTDIR)$(PREFIX)/lib/dmo
pkgconfigdir = $(DESTDIR)$(PREFIX)/lib/pkgconfig
swiftdir     = $(DESTDIR)$(PREFIX)/share/dmo/swift
templatesdir = $(DESTDIR)$(PREFIX)/share/dmo/templates
bindir       = $(DESTDIR)$(PREFIX)/bin
pluginsdir   = $(libdir)/plugins
mandir       = $(DESTDIR)$(PREFIX)/share/man/man1
bashdir      = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir       = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir      = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

.PHONY: build help setup demo test mpi sanitize clean install install-sdk uninstall absolute-prefix

# `make` alone is the whole set-up.
build: setup
	@echo "building dmo and its plugins (the first time takes a few minutes)"
	@swift build -c release 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]|^(Fetching|Fetched|Updating|Updated|Computing|Computed|Creating|Working)' ; exit $${PIPESTATUS[0]}

help:
	@echo "make demo      install what is missing, build, and size an op-amp with 200 simulations"
	@echo "make test      install what is missing, build, and run every test"
	@echo "make build     the optimised dmo and its plugins, in $(BIN)"
	@echo "make mpi       the library that mpirun -n N dmo run --executor mpi needs, and Open MPI"
	@echo "make sanitize  the C code under AddressSanitizer and UBSan"
	@echo "make install PREFIX=/usr/local   dmo, its plugins, manual pages, completions, and what plugin authors need"
	@echo "make install-sdk PREFIX=…        only what plugin authors need: the header, dmo.pc, DMOPluginKit, templates"
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

# What --executor mpi needs beside dmo: Open MPI, and the small library between the two.
MPI_PACKAGES := libopenmpi-dev openmpi-bin
mpi: PACKAGES += $(MPI_PACKAGES)
mpi: build
	mpicc -std=c11 -O2 -Wall -Wextra -fPIC -shared -D_POSIX_C_SOURCE=200809L \
	  -o $(BIN)/libdmo-mpi.so Sources/CMPITransport/mpi_transport.c

demo: build
	@mkdir -p studies
	@n=1; while [ -e studies/opamp-fom-$$n.dmo ]; do n=$$((n+1)); done; \
	$(BIN)/dmo run --plugin $(BIN)/libopamp.so --problem opamp-fom --trainer gradpie --budget 200 --seed $$n \
	  --jobs $$(nproc) --study studies/opamp-fom-$$n.dmo

# The tests of the package, then those that need a compiler, a folder outside or sanitizers.
test: PACKAGES += $(TESTPACKAGES) $(MPI_PACKAGES)
test: mpi
	swift test
	Tests/Scripts/plugins.sh
	Tests/Scripts/opamp.sh
	Tests/Scripts/testproblems_library.sh
	Tests/Scripts/validate_shipped.sh
	Tests/Scripts/every_problem.py --budget 40
	Tests/Scripts/sdk_outside.sh
	Tests/Scripts/reliability.sh
	Tests/Scripts/bridges.sh
	Tests/Scripts/exchange.sh
	Tests/Scripts/python_window.sh
	Tests/Scripts/terminal.py
	Tests/Report/report.py
	Tests/Report/attacks.py
	Tests/MPI/mpi.py
	Tests/MPI/hosts.py
	Tests/Scripts/newcomer.sh
	Tests/Scripts/quick_start.py
	Tests/Scripts/documentation.sh
	Tests/Scripts/abi.sh
	Tests/Scripts/sanitize.sh

sanitize: setup
	Tests/Scripts/sanitize.sh

clean:
	rm -rf .build

install: build install-sdk
	install -d "$(bindir)" "$(pluginsdir)"
	install -m 755 $(BIN)/dmo "$(bindir)/dmo"
	install -m 644 $(foreach p,$(PLUGINS),$(BIN)/lib$(p).so) "$(pluginsdir)/"
	if [ -f $(BIN)/libdmo-mpi.so ]; then install -m 644 $(BIN)/libdmo-mpi.so "$(libdir)/"; fi
	install -d "$(mandir)" "$(bashdir)" "$(zshdir)" "$(fishdir)"
	$(BIN)/dmo manual "$(mandir)"
	$(BIN)/dmo --generate-completion-script bash > "$(bashdir)/dmo"
	$(BIN)/dmo --generate-completion-script zsh > "$(zshdir)/_dmo"
	$(BIN)/dmo --generate-completion-script fish > "$(fishdir)/dmo.fish"

install-sdk: uninstall
	install -d "$(includedir)/draft" "$(pkgconfigdir)" "$(swiftdir)/Sources/CDMO/include/dmo"
	install -m 644 SDK/include/dmo/dmo.h "$(includedir)/dmo.h"
	install -m 644 SDK/include/dmo/draft/mpi.h "$(includedir)/draft/mpi.h"
	sed 's|@PREFIX@|$(PREFIX)|' SDK/dmo.pc.in > "$(pkgconfigdir)/dmo.pc"
	chmod 644 "$(pkgconfigdir)/dmo.pc"
	cp -R SDK/swift/Sources/DMOPluginKit SDK/swift/Sources/CDMOPluginSlots "$(swiftdir)/Sources/"
	install -m 644 SDK/include/dmo/dmo.h "$(swiftdir)/Sources/CDMO/include/dmo/dmo.h"
	install -m 644 SDK/abi_check.c "$(swiftdir)/Sources/CDMO/abi_check.c"
	install -m 644 SDK/swift/package.in "$(swiftdir)/Package.swift"
	install -m 644 SDK/swift/plugin.map SDK/swift/README.md "$(swiftdir)/"
	install -d "$(templatesdir)"
	cp -R SDK/templates/common SDK/templates/c SDK/templates/cpp SDK/templates/mpi SDK/templates/swift \
	  "$(templatesdir)/"

# Also before an install, so that no source of an older version stays in the package.
uninstall: absolute-prefix
	rm -f "$(includedir)/dmo.h" "$(includedir)/draft/mpi.h" "$(libdir)/libdmo-mpi.so" "$(pkgconfigdir)/dmo.pc"
	rm -rf "$(swiftdir)" "$(templatesdir)"
	rm -f "$(mandir)"/dmo.1 "$(mandir)"/dmo-*.1 "$(bashdir)/dmo" "$(zshdir)/_dmo" "$(fishdir)/dmo.fish"
	rm -f "$(bindir)/dmo" $(foreach p,$(PLUGINS),"$(pluginsdir)/lib$(p).so")

absolute-prefix:
	@case "$(PREFIX)" in /*) ;; *) echo "PREFIX=$(PREFIX) is not an absolute path" >&2; exit 2 ;; esac
