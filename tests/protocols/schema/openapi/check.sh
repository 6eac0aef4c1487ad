#!/bin/sh
# Validates what the program $1 prints with the validators that package.json names; installs them into the folder $2 first.
set -eu
program=$(realpath "$1")  # the folder changes below, and Meson may pass a relative path
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "SKIPPED: node and npm are not installed, so nobody independent has looked at the OpenAPI document"
  exit 77
fi
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$here/validate.mjs" "$folder/"
cd "$folder"
if ! cmp -s package-lock.json .installed; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json .installed
fi
# Not a pipe: node reads one as if it never had to wait, and a program that fails would go unseen.
"$program" >document.json
node validate.mjs document.json
