#!/usr/bin/env bash
# Installs Debian packages: `apt.sh PACKAGE…`, with sudo where that is needed and possible.
set -euo pipefail

become=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "apt: please install as root: $*" >&2; exit 1; }
  become=(sudo)
fi
command -v apt-get >/dev/null || { echo "apt: not a Debian system; please install: $*" >&2; exit 1; }

install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
# The package lists of a fresh machine are often missing or too old to fetch from.
"${become[@]}" apt-get -qq update
"${become[@]}" "${install[@]}" >/dev/null
