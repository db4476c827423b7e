#!/bin/sh
# The README's promise on a fresh Debian 12 with only Swift and git: a minimal system made by debootstrap, with this machine's
# Swift toolchain bound in, runs the README's two commands and every command of the quick start. Needs root, the network or
# a mirror, and half an hour.
#
# usage: Tests/Scripts/debootstrap.sh [FOLDER]     default: a new temporary one, removed at the end
# MIRROR names another Debian mirror than the one of this machine's apt; BIND further folders that the system must see,
# such as git mirrors of the packages.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
fail() { echo "debootstrap: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "skipped: needs root (debootstrap, chroot, mounts)"
command -v debootstrap > /dev/null || fail "skipped: debootstrap is missing (apt-get install debootstrap)"
swift=$(realpath "$(command -v swift || true)" 2> /dev/null) || fail "skipped: swift is not on PATH"
toolchain=${swift%/usr/bin/*}
[ -x "$toolchain/usr/bin/swift-build" ] || [ -x "$toolchain/usr/bin/swift-package" ] || fail "skipped: no toolchain around $swift"
# Mounts live in a namespace of their own and end with it.
if [ "${DMO_UNSHARED:-}" != 1 ]; then exec env DMO_UNSHARED=1 unshare -m "$0" "$@"; fi
mount --make-rprivate /

# By default this machine's own mirror.
mirror=${MIRROR:-$(sed -n 's|^URIs: *\([^ ]*\).*|\1|p; s|^deb \(\[[^]]*\] \)*\([a-z]*://[^ ]*\) bookworm .*|\2|p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null | head -1)}
[ -n "$mirror" ] || fail "skipped: no Debian mirror is known; name one with MIRROR=…"

if [ $# -gt 0 ]; then
  work=$1
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'umount -R "$work/system" 2> /dev/null || true; rm -rf --one-file-system "$work"' EXIT
fi
system=$work/system
begin=$(date +%s)
[ -e "$system/etc/debian_version" ] || debootstrap --variant=minbase bookworm "$system" "$mirror" > "$work/debootstrap.log" 2>&1 \
  || fail "no system: $(tail -3 "$work/debootstrap.log")"
echo "debootstrap: Debian $(cat "$system/etc/debian_version"), $(du -sm "$system" | cut -f1) MiB, $(($(date +%s) - begin)) s"
mkdir -p "$system/opt/swift" "$system/repository"
mount --bind "$toolchain" "$system/opt/swift"
mount -t proc proc "$system/proc"
mount --rbind /dev "$system/dev"
mount --bind "$root" "$system/repository"
# A worktree's repository lies elsewhere.
common=$(git -C "$root" rev-parse --path-format=absolute --git-common-dir)
mkdir -p "$system$common"
mount --bind "$common" "$system$common"
cp /etc/resolv.conf "$system/etc/resolv.conf" 2> /dev/null || true
# How this machine reaches packages, if it has mirrors for them.
for file in /etc/gitconfig /root/.gitconfig; do [ ! -e $file ] || cp $file "$system$file"; done
for folder in /etc/apt/apt.conf.d /etc/ssl/certs /usr/local/share/ca-certificates; do
  [ ! -d $folder ] || { mkdir -p "$system$folder"; cp -RL $folder/. "$system$folder/" 2> /dev/null || true; }
done
for folder in ${BIND:-}; do
  mkdir -p "$system$folder"
  mount --bind "$folder" "$system$folder"
done

cat > "$system/newcomer.sh" <<'SH'
set -eu
export DEBIAN_FRONTEND=noninteractive PATH=/opt/swift/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
apt-get update -qq
# What swift.org lists for Swift on Debian 12, git and make, and python3 for the script that types the commands.
apt-get install -y -qq --no-install-recommends git make ca-certificates python3 binutils libc6-dev libcurl4 libedit2 \
  libgcc-12-dev libncurses6 libpython3.11 libsqlite3-0 libstdc++-12-dev libxml2 libz3-4 tzdata zlib1g-dev > /dev/null
git config --global --add safe.directory '*'
swift --version 2>&1 | head -1
cd /root
# The README's two commands, and then the quick start with what they built.
git clone -q /repository dmo && cd dmo
make
echo "newcomer: make is through"
make demo
echo "newcomer: make demo is through"
python3 Tests/Scripts/quick_start.py
SH
begin=$(date +%s)
env -i HOME=/root LANG=C.UTF-8 ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
  ${no_proxy:+no_proxy="$no_proxy"} "$(command -v chroot)" "$system" /bin/sh /newcomer.sh || fail "the newcomer did not arrive"
echo "debootstrap: a fresh Debian follows README and quick start to their ends in $(($(date +%s) - begin)) s"
