#!/usr/bin/env python3
"""Makes a C++ file that holds the files of /docs, packed, so that the program is one file.

    embed.py NPM PACKAGE.json LOCK.json OUTPUT.cpp WORK_DIR FILE...

Fetches swagger-ui-dist by the lock file into WORK_DIR; FILEs are our own pages. The bytes are put in by the assembler
(.incbin): as an array in C++ they would cost more to compile than the rest of the folder.
"""
import gzip
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".png": "image/png", "": "text/plain; charset=utf-8"}
PACKAGE_FILES = ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "LICENSE", "NOTICE"]


def fetch(npm, package, lock, work):
    """The package's folder; nothing is fetched if the lock file is that of the last time."""
    done = work / "done"
    wanted = hashlib.sha256(Path(lock).read_bytes()).hexdigest()
    if not done.exists() or done.read_text() != wanted:
        work.mkdir(parents=True, exist_ok=True)
        shutil.copy(package, work / "package.json")
        shutil.copy(lock, work / "package-lock.json")
        # No scripts of packages run here: they are none of a build's business.
        outcome = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work,
                                 capture_output=True, text=True)
        if outcome.returncode != 0:
            sys.exit("npm could not fetch what web/package-lock.json names (is there a network?):\n" + outcome.stderr)
        done.write_text(wanted)
    return work / "node_modules" / "swagger-ui-dist"


def main():
    npm, package, lock, output, work = sys.argv[1:6]
    work = Path(work).resolve()
    folder = fetch(npm, package, lock, work)
    files = [folder / name for name in PACKAGE_FILES] + [Path(name) for name in sys.argv[6:]]
    packed_folder = work / "packed"
    packed_folder.mkdir(exist_ok=True)

    lines = ["// Made by embed.py.", '#include "protocols/http/docs/assets.hpp"', ""]
    rows = []
    for index, path in enumerate(files):
        packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
        place = packed_folder / (path.name + ".gz")
        place.write_bytes(packed)
        symbol = f"bv_http_asset_{index}"
        # The hash makes this file another one whenever the bytes are others.
        lines.append(f"// {path.name} {hashlib.sha256(packed).hexdigest()}")
        lines.append(f'asm(".section .rodata\\n.global {symbol}\\n{symbol}:\\n.incbin \\"{place}\\"\\n.previous\\n");')
        lines.append(f"extern const char {symbol}[];")
        rows.append(f'      {{"{path.name}", "{TYPES[path.suffix]}", {{{symbol}, {len(packed)}}}}},')
    lines += ["", "namespace bv::http {", "", "std::vector<packed_asset> docs_assets() {", "  return {", *rows, "  };", "}",
              "", "}  // namespace bv::http", ""]
    Path(output).write_text("\n".join(lines))


main()
