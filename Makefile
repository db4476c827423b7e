# Installs what plugin authors need: the header, dmo.pc and DMOPluginKit. PREFIX must be an absolute path.
PREFIX ?= /usr/local
DESTDIR ?=

includedir = $(DESTDIR)$(PREFIX)/include/dmo
pkgconfigdir = $(DESTDIR)$(PREFIX)/lib/pkgconfig
swiftdir = $(DESTDIR)$(PREFIX)/share/dmo/swift

.PHONY: install uninstall absolute-prefix
install: uninstall
	install -d "$(includedir)" "$(pkgconfigdir)" "$(swiftdir)/Sources/CDMO/include/dmo"
	install -m 644 SDK/include/dmo/dmo.h "$(includedir)/dmo.h"
	sed 's|@PREFIX@|$(PREFIX)|' SDK/dmo.pc.in > "$(pkgconfigdir)/dmo.pc"
	chmod 644 "$(pkgconfigdir)/dmo.pc"
	cp -R SDK/swift/Sources/DMOPluginKit SDK/swift/Sources/CDMOPluginSlots "$(swiftdir)/Sources/"
	install -m 644 SDK/include/dmo/dmo.h "$(swiftdir)/Sources/CDMO/include/dmo/dmo.h"
	install -m 644 SDK/abi_check.c "$(swiftdir)/Sources/CDMO/abi_check.c"
	install -m 644 SDK/swift/package.in "$(swiftdir)/Package.swift"
	install -m 644 SDK/swift/plugin.map SDK/swift/README.md "$(swiftdir)/"

# Also before an install, so that no source of an older version stays in the package.
uninstall: absolute-prefix
	rm -f "$(includedir)/dmo.h" "$(pkgconfigdir)/dmo.pc"
	rm -rf "$(swiftdir)"

absolute-prefix:
	@case "$(PREFIX)" in /*) ;; *) echo "PREFIX=$(PREFIX) is not an absolute path" >&2; exit 2 ;; esac
