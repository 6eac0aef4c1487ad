#!/bin/sh
# Makes the present schemas the released ones, which the compatibility test holds later ones against. Run it (or
# `meson compile -C build refresh-golden`) when contracts are released, or when a break is meant; the diff shows what it gives up.
set -eu
cd "$(dirname "$0")"
find . -name '*.capnp' -delete
find . -mindepth 1 -type d -empty -delete
cd ..
find . -path ./golden -prune -o -name '*.capnp' -print | sort | while read -r file; do
  mkdir -p "golden/$(dirname "$file")"
  cp "$file" "golden/$file"
done
