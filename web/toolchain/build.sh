#!/usr/bin/env bash
# Builds the playground into dist/ at the root: Wasm, JavaScript glue, optimiser, assembly. Run it through `make web`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
target=wasm32-unknown-unknown
out=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
stage=$out/page
cargo_home=${CARGO_HOME:-$HOME/.cargo}

say() { printf 'web: %s\n' "$*"; }

"$here/wasm-std.sh"

# Cargo does not notice when the target's standard library was exchanged, and then fails with E0463.
std=$(cd "$(rustc --print sysroot)/lib/rustlib/$target/lib" && find . -name 'libstd-*' | sort | tr '\n' ' ')
if [ -e "$stage/std" ] && [ "$(cat "$stage/std")" != "$std" ]; then
  say "the standard library for $target changed: starting over"
  rm -rf "${out:?}/$target"
fi
mkdir -p "$stage"
printf '%s' "$std" >"$stage/std"

say "compiling page and workers"
# Panic messages name source files; without remapping they would name directories of the machine that builds.
# The encoded form, separated by 0x1f, survives spaces in paths.
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f%s' \
  "--remap-path-prefix=$cargo_home=/cargo" "--remap-path-prefix=$root=/s390-iommu") \
  cargo build --locked --profile web --target "$target" -p s390-iommu-page -p s390-iommu-worker

say "writing the JavaScript glue"
cargo build --locked -p s390-iommu-bindgen
rm -rf "$stage/glue"
"$out/debug/s390-iommu-bindgen" "$stage/glue" "$out/$target/web/"{page,worker,replay}.wasm

# npm notes in node_modules what it installed: as long as that is not older than the lock file, there is nothing to do.
if [ "$here/package-lock.json" -nt "$here/node_modules/.package-lock.json" ]; then
  say "installing the optimiser (wasm-opt, from the npm package binaryen)"
  npm --prefix "$here" ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    || say "npm cannot install it"
fi
optimiser=$here/node_modules/.bin/wasm-opt
limit=() # of the page's module, compressed
if [ -x "$optimiser" ]; then
  say "optimising for size"
  for module in "$stage/glue/"*_bg.wasm; do
    "$optimiser" -Oz "$module" -o "$module.opt"
    mv "$module.opt" "$module"
  done
  limit=(--limit 300000)
else
  say "WARNING: no wasm-opt: the page works, but is about a quarter larger"
fi

python3 "$here/assemble.py" --glue "$stage/glue" --web "$root/web" --dist "$root/dist" "${limit[@]}" \
  --private "$root" --private "$cargo_home" --private "$HOME"
