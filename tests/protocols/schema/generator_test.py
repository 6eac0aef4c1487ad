#!/usr/bin/env python3
"""Contracts that the generator must refuse, each with what it must say; and one that it must take.

    generator_test.py CAPNPC_BV SOURCE_ROOT
"""
import subprocess
import sys
import tempfile
from pathlib import Path

HEAD = """@0xb1e7c0a1d5f0fe01;
using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
"""
PLAIN = '$Cxx.namespace("bv::trial::wire");\n'
AGGREGATE = PLAIN + """$Bv.aggregate(name = "trial", domain = "testing");
struct State ROUTE_OF_STATE { id @0 :Text; }
struct One { sku @0 :Text; many @1 :List(Text); }
struct Two {}
struct Command { union { one @0 :One ANNOTATION; two @1 :Two; } }
struct Happened {}
struct Ceased {}
struct Event { union { happened @0 :Happened; ceased @1 :Ceased; } }
"""


def aggregate(annotation="", state=""):
    return AGGREGATE.replace("ANNOTATION", annotation).replace("ROUTE_OF_STATE", state)


REFUSED = [
    ('$Cxx.namespace("bv::trial");\nstruct A {}', "ends with ::wire"),
    ("struct A {}", "lacks $Cxx.namespace"),
    (PLAIN + "struct A { x @0 :Text $Bv.min(1); }", "A.x: $min and $max stand on whole numbers"),
    (PLAIN + "struct A { x @0 :Float64 $Bv.max(1); }", "A.x: $min and $max stand on whole numbers"),
    (PLAIN + "struct A { x @0 :Int32 $Bv.maxLength(1); }", "A.x: $minLength and $maxLength stand on"),
    (PLAIN + 'struct A { x @0 :Data $Bv.pattern("a"); }', "A.x: $pattern stands on a Text"),
    (PLAIN + 'struct A { x @0 :Text $Bv.pattern("a("); }', "A.x: $pattern is no regular expression"),
    (PLAIN + 'struct A { x @0 :Text $Bv.example("MUG-1"); }', "A.x: $example is no JSON value"),
    (PLAIN + "struct A { x @0 :Int32 $Bv.instant; }", "an $instant is an Int64"),
    (PLAIN + "struct A { x @0 :Int32 $Bv.optional; }", "$optional stands on"),
    (PLAIN + "struct A { x @0 :Int32 $Bv.generated; }", "$generated stands on a Text"),
    (PLAIN + "struct A { x @0 :Int32 $Bv.tombstone; }", "$tombstone stands on a Bool"),
    (PLAIN + 'struct A { x @0 :List(Text) $Bv.key("a"); }', "$key stands on a List of structs"),
    (PLAIN + 'struct B { n @0 :Int32; } struct A { x @0 :List(B) $Bv.key("n"); }', "is no Text of the elements"),
    (PLAIN + 'struct A { x @0 :Text = "given"; }', "only numbers and enums have defaults"),
    (PLAIN + "struct A { x @0 :List(List(Text)); }", "lists of lists"),
    (PLAIN + "struct A { x @0 :AnyPointer; }", "plain values only"),
    (PLAIN + "struct A { g :group { x @0 :Text; } }", "groups are not supported"),
    (PLAIN + "struct A { x @0 :A; }", "holds itself"),
    (PLAIN + "struct A { struct B {} b @0 :B; }", "declared at the top"),
    (PLAIN + "struct A { x @0 :Text; union { a @1 :Text; b @2 :Text; } }", "either one unnamed union or has none"),
    (PLAIN + "struct A { union { a @0 :Text; b @1 :Text; } }", "a struct of its own"),
    (PLAIN + "struct B {} struct A { union { a @0 :B; b @1 :B; } }", "a struct of its own"),
    (PLAIN + 'struct A $Bv.answers("B") $Bv.route(method = "GET", path = "/x") {}', "which the file does not declare"),
    (PLAIN + 'struct B {} struct A $Bv.answers("B") {}', "has a $route"),
    (PLAIN + '$Bv.aggregate(name = "Big", domain = "x");', "of [a-z0-9_]"),
    (PLAIN + '$Bv.aggregate(name = "trial", domain = "x");', "declares State, Command and Event"),
    (aggregate('$Bv.route(method = "FETCH", path = "/x/{id}")'), "Command.one: a route's method is"),
    (aggregate('$Bv.route(method = "GET", path = "x/{id}")'), "begins with a slash"),
    (aggregate('$Bv.route(method = "PUT", path = "/x")'), "has no {id}"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}", entity = principal)'), "the id comes from elsewhere"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}/{skv}")'), "names {skv}"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}/{many}")'), "names {many}"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}/a{sku}")'), "take a whole segment"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}", location = "/x/{skv}")'), "its location names {skv}"),
    (aggregate('$Bv.route(method = "PUT", path = "/x/{id}", success = 204)'), "200, 201 or 202"),
    (aggregate('$Bv.internal $Bv.route(method = "PUT", path = "/x/{id}")'), "an $internal command has no $route"),
    (aggregate(state='$Bv.route(method = "GET", path = "/x/{id}/{sku}")'), "names {sku}"),
]
ACCEPTED = aggregate('$Bv.route(method = "PUT", path = "/x/{id}/{sku}", location = "/x/{id}")',
                     '$Bv.route(method = "GET", path = "/x/{id}")')


def compile_contract(text, plugin, root, folder):
    path = folder / "trial.capnp"
    path.write_text(HEAD + text)
    return subprocess.run(["capnp", "compile", "-I", root, f"--src-prefix={folder}", f"-o{plugin}:{folder}", str(path)],
                          capture_output=True, text=True, timeout=60)


def main():
    plugin, root = sys.argv[1], sys.argv[2]
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for text, expected in REFUSED:
            run = compile_contract(text, plugin, root, folder)
            if run.returncode == 0 or expected not in run.stderr:
                failures += 1
                print(f"expected '{expected}' of\n{text}\ngot {run.returncode}: {run.stderr}")
        run = compile_contract(ACCEPTED, plugin, root, folder)
        made = sorted(p.name for p in folder.iterdir() if p.suffix in (".hpp", ".cpp"))
        if run.returncode != 0 or made != ["trial.cpp", "trial.hpp", "trial.wire.hpp"]:
            failures += 1
            print(f"a sound contract was refused: {run.stderr} {made}")
    print(f"{len(REFUSED)} contracts refused as they must be" if not failures else f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
