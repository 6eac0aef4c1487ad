"""Each rule of tools/tidy is broken once in a small tree of its own, and tidy must name the file, the line and the rule."""
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

TIDY = Path(__file__).resolve().parents[2] / "tools" / "tidy"
# Written in two parts, because tidy reads this file too.
UNFINISHED = "TO" + "DO"
SWITCHED_OFF = "#if" + " 0"


class tidy_test(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bv-tidy-")
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def header(self, name, *includes):
        self.write(name, "#pragma once\n" + "".join(f"#include {i}\n" for i in includes))

    def run_tidy(self):
        done = subprocess.run([sys.executable, TIDY, "--root", self.root], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    def assert_found(self, place, rule, *words):
        status, output = self.run_tidy()
        self.assertEqual(status, 1, output)
        lines = [line for line in output.splitlines() if line.startswith(f"{place}: [{rule}] ")]
        self.assertEqual(len(lines), 1, f"no single finding '{place}: [{rule}]' in:\n{output}")
        for word in words:
            self.assertIn(word, lines[0])

    def assert_clean(self):
        status, output = self.run_tidy()
        self.assertEqual(status, 0, output)

    def test_a_well_formed_tree_has_no_findings(self):
        self.header("protocols/schema/base/result.hpp")
        self.write("storage/meson.build", "storage = static_library('storage', 'log.cpp')\n")
        self.header("storage/log.hpp", '"protocols/schema/base/result.hpp"')
        self.write("storage/log.cpp", '#include "storage/log.hpp"\n#include <rocksdb/db.h>\n')
        self.write("tests/storage/log_test.cpp", '#include "storage/log.hpp"\n#include <doctest/doctest.h>\n')
        self.assert_clean()

    def test_an_empty_tree_is_a_usage_error(self):
        self.assertEqual(self.run_tidy()[0], 2)

    def test_a_lower_layer_may_not_include_a_higher_one(self):
        self.header("actors/runtime/node.hpp")
        self.header("storage/log.hpp", "<vector>", '"actors/runtime/node.hpp"')
        self.assert_found("storage/log.hpp:3", "layers", "actors/runtime/node.hpp", "above")

    def test_the_saga_engine_may_not_include_a_domain(self):
        self.header("actors/commerce/cart.hpp")
        self.header("sagas/engine/step.hpp", '"actors/commerce/cart.hpp"')
        self.assert_found("sagas/engine/step.hpp:2", "layers", "above")

    def test_a_domain_may_not_include_the_saga_engine(self):
        self.header("sagas/engine/step.hpp")
        self.header("actors/commerce/cart.hpp", '"sagas/engine/step.hpp"')
        self.assert_found("actors/commerce/cart.hpp:2", "layers", "never the reverse")

    def test_a_saga_may_include_its_domain_and_the_engine(self):
        self.header("actors/commerce/cart.hpp")
        self.header("sagas/engine/step.hpp")
        self.header("sagas/commerce/checkout.hpp", '"actors/commerce/cart.hpp"', '"sagas/engine/step.hpp"')
        self.assert_clean()

    def test_a_protocol_may_not_include_a_tool(self):
        self.header("tools/node/config.hpp")
        self.header("protocols/http/server.hpp", '"tools/node/config.hpp"')
        self.assert_found("protocols/http/server.hpp:2", "layers")

    def test_caf_is_not_seen_in_a_protocol(self):
        self.header("protocols/http/server.hpp", "<caf/all.hpp>")
        self.assert_found("protocols/http/server.hpp:2", "libraries", "CAF")

    def test_caf_is_seen_in_the_runtime_and_its_tests(self):
        self.header("actors/runtime/shard.hpp", "<caf/all.hpp>")
        self.write("tests/actors/runtime/shard_test.cpp", "#include <caf/all.hpp>\n")
        self.assert_clean()

    def test_rocksdb_is_seen_in_storage_only(self):
        self.header("actors/runtime/shard.hpp", "<rocksdb/db.h>")
        self.assert_found("actors/runtime/shard.hpp:2", "libraries", "RocksDB")

    def test_asio_is_seen_in_wire_protocols_only(self):
        self.header("protocols/schema/json.hpp", "<boost/asio.hpp>")
        self.assert_found("protocols/schema/json.hpp:2", "libraries", "Beast/Asio")

    def test_a_library_may_belong_to_one_folder_of_a_layer(self):
        self.header("sim/plan/document.hpp", "<toml++/toml.h>")
        self.assert_clean()
        self.header("sim/world/disk.hpp", "<toml++/toml.h>")
        self.assert_found("sim/world/disk.hpp:2", "libraries", "config")

    def test_a_test_library_is_not_seen_in_product_code(self):
        self.header("storage/log.hpp", "<doctest/doctest.h>")
        self.assert_found("storage/log.hpp:2", "libraries", "test libraries")

    def test_a_domain_reaches_no_thread(self):
        self.header("actors/commerce/cart.hpp", "<thread>")
        self.assert_found("actors/commerce/cart.hpp:2", "purity", "<thread>")

    def test_a_quoted_include_names_a_file_of_the_tree(self):
        self.header("storage/log.hpp", '"batch.hpp"')
        self.assert_found("storage/log.hpp:2", "paths", "path from the root")

    def test_a_generated_header_is_known_by_its_contract_or_its_meson_build(self):
        self.write("protocols/schema/commerce/cart.capnp", "@0xb1e7c0a1d5f05001;\n")
        self.write("tools/bv/meson.build", "configure_file(output: 'version.hpp')\n")
        self.header("tools/bv/main.hpp", '"protocols/schema/commerce/cart.hpp"', '"tools/bv/version.hpp"',
                    '"protocols/schema/commerce/cart.capnp.h"')
        self.assert_clean()

    def test_two_files_may_not_include_each_other(self):
        self.header("storage/a.hpp", '"storage/b.hpp"')
        self.header("storage/b.hpp", '"storage/a.hpp"')
        self.assert_found("storage/a.hpp:2", "cycles", "storage/a.hpp → storage/b.hpp → storage/a.hpp")

    def test_two_folders_may_not_include_each_other(self):
        self.header("actors/commerce/cart.hpp", '"actors/payments/ledger.hpp"')
        self.header("actors/commerce/price.hpp")
        self.header("actors/payments/ledger.hpp")
        self.header("actors/payments/hold.hpp", '"actors/commerce/price.hpp"')
        self.assert_found("actors/commerce/cart.hpp:2", "cycles", "actors/commerce → actors/payments → actors/commerce")

    def test_a_source_file_without_a_test_is_named(self):
        self.write("storage/log.cpp", "int a = 1;\n")
        self.assert_found("storage/log.cpp:1", "mirror", "tests/storage/log_test.cpp")

    def test_a_source_file_is_tested_by_name_by_header_or_by_word(self):
        for name in ("a", "b", "c", "file_x", "file_y"):
            self.write(f"storage/{name}.cpp", "int a = 1;\n")
        self.header("storage/b.hpp")
        self.write("tests/storage/a_test.cpp", '// covers: storage/c.cpp, storage/file_*.cpp\n#include "storage/b.hpp"\n')
        self.assert_clean()

    def test_a_test_folder_without_its_folder_is_named(self):
        self.write("tests/storrage/log_test.cpp", "int a = 1;\n")
        self.assert_found("tests/storrage/log_test.cpp:1", "mirror", "storrage/")

    def test_a_file_has_at_most_400_lines(self):
        self.write("storage/log.hpp", "#pragma once\n" + "int a();\n" * 399)
        self.assert_clean()
        self.write("storage/log.hpp", "#pragma once\n" + "int a();\n" * 400)
        self.assert_found("storage/log.hpp:401", "length", "401 lines")

    def test_unfinished_work_is_named(self):
        self.write("storage/log.hpp", f"#pragma once\n// {UNFINISHED}: later\n")
        self.assert_found("storage/log.hpp:2", "unfinished", UNFINISHED)

    def test_switched_off_code_is_named(self):
        self.write("storage/log.hpp", f"#pragma once\n{SWITCHED_OFF}\n#endif\n")
        self.assert_found("storage/log.hpp:2", "unfinished")

    def test_a_script_is_read_too(self):
        self.write("tools/setup", f"#!/bin/sh\n# {UNFINISHED}\n")
        self.assert_found("tools/setup:2", "unfinished")

    def assert_call(self, name, code, word):
        self.write(name, "#pragma once\n" + code + "\n")
        self.assert_found(f"{name}:2", "calls", word)

    def test_deterministic_code_reads_no_clock(self):
        self.assert_call("actors/runtime/a.hpp", "auto a = std::chrono::system_clock::now();", "system_clock")

    def test_deterministic_code_draws_no_std_random_numbers(self):
        self.assert_call("sagas/engine/a.hpp", "std::random_device seed;", "random_device")

    def test_deterministic_code_calls_no_rand(self):
        self.assert_call("actors/commerce/a.hpp", "inline int a() { return rand(); }", "rand(")

    def test_deterministic_code_reads_no_environment(self):
        self.assert_call("storage/a.hpp", 'auto a = std::getenv("A");', "getenv")

    def test_a_test_does_not_sleep(self):
        self.header("storage/a.hpp")
        self.assert_call("tests/storage/a_test.hpp", "std::this_thread::sleep_for(a);", "sleep_for")

    def test_a_call_in_a_comment_or_a_string_is_no_call(self):
        self.write("storage/a.hpp", '''\
            #pragma once
            // rand() would not do
            inline const char* a = "rand()";  /* nor would
            std::random_device */
            inline int b = 10'000;
            ''')
        self.assert_clean()

    def test_a_reason_beside_a_call_allows_it(self):
        self.write("storage/a.hpp", """\
            #pragma once
            // tidy-allow: clock: measures how long a write takes; reaches only a metric
            auto a = std::chrono::steady_clock::now();
            """)
        self.assert_clean()

    def test_an_allowance_without_a_reason_or_for_another_rule_allows_nothing(self):
        for allowance in ("tidy-allow: clock", "tidy-allow: random: because"):
            self.assert_call("storage/a.hpp", f"auto a = std::chrono::steady_clock::now();  // {allowance}", "steady")

    def plant(self, *points):
        """A tree with one mutation, planted at each of `points`."""
        self.write("protocols/schema/base/mutation.hpp", """\
            #pragma once
            /// if (mutated(mutation::lost)) as an example is no point
            enum class mutation : int {
              none,
              lost,  // the only one
            };
            """)
        self.write("sim/hunt/mutants.cpp", 'auto all = {{mutation::lost, "lost", "Something is lost."}};\n')
        self.write("tests/sim/hunt/mutants_test.cpp", "auto a = mutation::lost;\n")
        for name in points:
            self.write(name, "#pragma once\ninline bool a = mutated(mutation::lost);\n")

    def test_a_mutation_is_planted_once(self):
        self.plant("storage/a.hpp")
        self.assert_clean()

    def test_a_mutation_that_is_planted_nowhere_is_named(self):
        self.plant()
        self.assert_found("protocols/schema/base/mutation.hpp:5", "mutations", "lost", "nowhere")

    def test_a_mutation_that_is_planted_twice_is_named(self):
        self.plant("actors/runtime/a.hpp", "storage/b.hpp")
        self.assert_found("storage/b.hpp:2", "mutations", "lost", "actors/runtime/a.hpp:2")

    def test_a_mutation_is_listed_under_its_own_name(self):
        for entry in ("", 'auto all = {{mutation::lost, "los"}};\n'):
            self.plant("storage/a.hpp")
            self.write("sim/hunt/mutants.cpp", entry)
            self.assert_found("protocols/schema/base/mutation.hpp:5", "mutations", "lost", "sim/hunt/mutants.cpp")

    def test_a_header_guards_itself(self):
        self.write("storage/a.hpp", "int a();\n")
        self.assert_found("storage/a.hpp:1", "headers", "#pragma once")

    def test_a_header_opens_no_namespace(self):
        self.write("storage/a.hpp", "#pragma once\nusing namespace std;\n")
        self.assert_found("storage/a.hpp:2", "headers", "using namespace")


if __name__ == "__main__":
    unittest.main()
