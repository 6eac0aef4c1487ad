#!/usr/bin/env python3
"""Writes the C++ source that holds the shipped scenarios: embed_scenarios.py OUTPUT FILE…"""
import sys
from pathlib import Path


def literal(text):
    mark = "scenario"
    while f"){mark}\"" in text:
        mark += "_"
    return f'R"{mark}({text}){mark}"'


def main():
    output, files = Path(sys.argv[1]), sorted(Path(name) for name in sys.argv[2:])
    entries = "".join(f'    {{"{file.stem}", "{file.name}", {literal(file.read_text(encoding="utf-8"))}}},\n'
                      for file in files)
    output.write_text('#include "sim/plan/shipped.hpp"\n\n'
                      "namespace bv::sim {\n\n"
                      "std::span<const shipped_scenario> shipped_scenarios() {\n"
                      f"  static constexpr shipped_scenario all[] = {{\n{entries}  }};\n"
                      "  return all;\n}\n\n"
                      "}  // namespace bv::sim\n", encoding="utf-8")


if __name__ == "__main__":
    main()
