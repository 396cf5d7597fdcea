#!/usr/bin/env bash
# Makes `cargo build --target wasm32-unknown-unknown` work with the active Rust toolchain; does nothing when it
# works already. The ways, in this order:
#   1. rustup fetches the target: what nearly everybody gets.
#   2. Where rustup's server cannot be reached but a Debian mirror and a crates registry can: the source of exactly
#      this compiler's standard library (Debian's package rust-src) is compiled once, as Rust's own build does it,
#      and put where rustup would have put it. Later builds need no unstable flag.
# WASM_STD=source forces the second way.
set -euo pipefail

target=wasm32-unknown-unknown
mode=${WASM_STD:-auto}

say() { printf 'wasm-std: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

release=$(rustc -vV | sed -n 's/^release: //p')
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
home=$(rustc --print sysroot)/lib/rustlib
installed=$home/$target
stamp=$installed/.built-from-source # holds the release and commit it was built for

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Whether a program with an allocation compiles and links: a directory that exists proves nothing.
usable() {
  printf '%s\n' '#[unsafe(no_mangle)] pub extern "C" fn probe(n: usize) -> usize { vec![n; n].len() }' >"$tmp/probe.rs"
  rm -f "$tmp/probe.wasm"
  rustc --edition 2024 --crate-type cdylib --target "$target" -O -o "$tmp/probe.wasm" "$tmp/probe.rs" \
    >"$tmp/probe.log" 2>&1 && [ -s "$tmp/probe.wasm" ]
}

ours() { [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$release $commit" ]; }

if usable && { [ "$mode" != source ] || ours; }; then
  exit 0
fi
# A build of ours for an older compiler is in the way of everything that follows.
if [ -e "$stamp" ]; then rm -rf "$installed"; fi

if [ "$mode" != source ] && command -v rustup >/dev/null; then
  say "adding $target with rustup"
  if timeout 180 rustup target add "$target" >"$tmp/rustup.log" 2>&1 && usable; then
    say "$target is ready"
    exit 0
  fi
  say "rustup cannot add $target here ($(tail -n 1 "$tmp/rustup.log"))"
fi

say "building the standard library for $target from Debian's source package (about a minute)"
for tool in apt-get apt-cache dpkg-deb; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install $target with rustup, or use Debian or Ubuntu"
done
if [ "$mode" = source ] && [ -d "$installed" ] && command -v rustup >/dev/null; then
  rustup target remove "$target" >/dev/null 2>&1 || true # let rustup forget what is about to be replaced
fi

# Newer suites than the machine's carry newer compilers. They are looked at through an apt of our own, with its own
# lists and no installed packages, so that nothing of the machine's package system changes.
# shellcheck disable=SC2016  # apt's placeholders, not the shell's
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1 || true)
[ -n "$mirror" ] || fail "no Debian mirror in apt's configuration; install $target with rustup"
# shellcheck disable=SC2016
security=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
  | grep -E '/debian-security/?$' | head -n 1 || true)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial" "$tmp/std"
: >"$tmp/apt/status"
{
  for suite in trixie-backports trixie forky sid; do
    printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$mirror" "$suite"
  done
  # Browsers are rebuilt for old releases with a recent compiler, whose source is then there as well.
  if [ -n "$security" ]; then printf 'deb [signed-by=%s] %s bookworm-security main\n' "$keys" "$security"; fi
} >"$tmp/apt/sources.list"
cat >"$tmp/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$tmp/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$tmp/apt/lists";
Dir::State::status "$tmp/apt/status";
Dir::Cache "$tmp/apt/cache";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
if [ "$(id -u)" = 0 ]; then echo 'APT::Sandbox::User "root";' >>"$tmp/apt/apt.conf"; fi
private_apt() { local tool=$1; shift; APT_CONFIG=$tmp/apt/apt.conf "$tool" "$@"; }

private_apt apt-get -qq update || fail "the Debian mirror does not answer"
package=
for name in rust-src rust-web-src; do
  version=$(private_apt apt-cache madison "$name" \
    | awk -F ' *[|] *' -v want="$release" '{ split($2, part, "+"); if (part[1] == want) { print $2; exit } }')
  if [ -n "$version" ]; then package=$name=$version; break; fi
done
[ -n "$package" ] || fail "no Debian suite carries the source of Rust $release; install $target with rustup"
say "using $package"
(cd "$tmp" && private_apt apt-get -qq download "$package") || fail "cannot download $package"

dpkg-deb --fsys-tarfile "$tmp"/rust*-src_*.deb \
  | tar -x -C "$tmp/std" --strip-components=4 "./usr/src/rustc-$release/library"
source=$tmp/std/library
[ -f "$source/sysroot/Cargo.toml" ] || fail "$package is laid out in an unknown way"
rm -rf "$source/vendor" # Debian thins it out; the lock file's checksums vouch for the registry's copies

# The flags of Rust's own build: std may use unstable features, its crates must be marked unstable so that no program
# names them by accident, and its panic messages must not carry directories of this machine.
(
  cd "$source"
  unset RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET RUSTFLAGS
  export RUSTC_BOOTSTRAP=1 __CARGO_DEFAULT_LIB_METADATA=stablestd CARGO_TARGET_DIR="$tmp/target"
  CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f%s\x1f%s' -Zforce-unstable-if-unmarked \
    "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/rust/deps" \
    "--remap-path-prefix=$source=/rustc/$commit/library")
  export CARGO_ENCODED_RUSTFLAGS
  cargo build --locked --profile dist --target "$target" --manifest-path sysroot/Cargo.toml --features panic-unwind
) >"$tmp/build.log" 2>&1 || { tail -n 40 "$tmp/build.log" >&2; fail "building the standard library failed"; }

# Filled beside its place and renamed, so that an interrupted run leaves all or nothing.
new=$home/.$target.$$
rm -rf "$new"
mkdir -p "$new/lib"
cp "$tmp/target/$target/dist/deps/"*.rlib "$new/lib/"
rm -f "$new/lib/"libsysroot-*.rlib # an empty crate that only pulled in the others
printf '%s\n' "$release $commit" >"$new/${stamp##*/}"
rm -rf "$installed"
mv "$new" "$installed"
usable || { cat "$tmp/probe.log" >&2; fail "the standard library was built but does not link"; }
say "$target is ready"
