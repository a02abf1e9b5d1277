import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_files
import check_layers

LAYERS = '''
set(TAKT_LAYER_core "")
set(TAKT_LAYER_bus "core")
set(TAKT_LAYER_robots "core")
set(TAKT_LAYER_robots/sim "core;robots")
set(TAKT_LAYER_long
    "core;bus")
'''


class Tree(unittest.TestCase):
    """A small project on disk."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write("cmake/layers.cmake", LAYERS)
        for module in ("core", "bus", "robots", "robots/sim"):
            self.write(f"src/takt/{module}/CMakeLists.txt",
                       f"takt_module(NAME {module}\n  HEADERS a.hpp b.hpp  # two\n  SOURCES a.cpp\n  DEPENDS core)\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def layers(self):
        return check_layers.Checker(self.root).run()


class LayersTest(Tree):
    def test_a_tree_in_order_has_no_breach(self):
        self.write("src/takt/core/a.hpp", "#include <vector>\n#include <pthread.h>\n#include <Eigen/Core>\n")
        self.write("src/takt/bus/a.cpp", '#include "takt/bus/a.hpp"\n#include "takt/core/a.hpp"\n#include <zmq.h>\n')
        self.write("src/takt/robots/sim/a.cpp", '#include "takt/robots/a.hpp"\n#include <mujoco/mujoco.h>\n')
        self.assertEqual(self.layers(), [])

    def test_an_include_that_points_up_is_found_with_file_and_line(self):
        self.write("src/takt/core/a.cpp", '#include <vector>\n\n#include "takt/bus/a.hpp"\n')
        self.assertEqual(self.layers(), ["src/takt/core/a.cpp:3: 'core' may not include 'takt/bus/a.hpp' (it may: nothing)"])

    def test_an_include_that_points_sideways_is_found(self):
        self.write("src/takt/robots/a.cpp", '#include <takt/bus/a.hpp>\n')
        self.assertEqual(len(self.layers()), 1)

    def test_what_a_dependency_may_include_is_not_implied(self):
        self.write("src/takt/robots/sim/a.cpp", '#include "takt/bus/a.hpp"\n')
        self.assertIn("(it may: core, robots)", self.layers()[0])

    def test_a_submodule_is_not_its_parent(self):
        self.write("src/takt/robots/a.cpp", '#include "takt/robots/sim/a.hpp"\n')
        self.assertEqual(len(self.layers()), 1)

    def test_what_is_internal_to_another_module_is_refused(self):
        self.write("src/takt/bus/a.cpp", '#include "takt/bus/internal/a.hpp"\n#include "takt/core/internal/a.hpp"\n')
        self.write("src/takt/robots/sim/a.cpp", '#include "takt/robots/internal/a.hpp"\n')
        self.assertEqual(self.layers(), [
            "src/takt/bus/a.cpp:2: 'bus' may not include 'takt/core/internal/a.hpp': it is internal to 'core'"])

    def test_a_line_of_the_table_may_be_broken(self):
        self.write("src/takt/long/a.cpp", '#include "takt/bus/a.hpp"\n#include "takt/robots/a.hpp"\n')
        self.assertEqual([line.split(": ")[0] for line in self.layers()], ["src/takt/long/a.cpp:2"])

    def test_testing_is_for_tests_and_fuzz_targets(self):
        include = '#include "takt/testing/allocation_guard.hpp"\n'
        for path in ("src/takt/core/test/a_test.cpp", "src/takt/core/fuzz/a_fuzz.cpp"):
            self.write(path, include)
        self.assertEqual(self.layers(), [])
        self.write("src/takt/core/a.cpp", include)
        self.assertEqual(len(self.layers()), 1)

    def test_a_test_keeps_to_the_layers_of_its_module(self):
        self.write("src/takt/core/test/a_test.cpp", '#include "takt/bus/a.hpp"\n')
        self.assertEqual(len(self.layers()), 1)

    def test_a_third_party_library_in_a_public_header_is_found(self):
        self.write("src/takt/bus/a.hpp", "#include <Eigen/Core>\n")
        self.write("src/takt/bus/b.hpp", "#include <zmq.h>\n")
        self.write("src/takt/bus/private.hpp", "#include <zmq.h>\n")
        self.assertEqual([line.split(":")[0] for line in self.layers()], ["src/takt/bus/a.hpp", "src/takt/bus/b.hpp"])

    def test_relative_includes_unknown_modules_and_stray_files_are_found(self):
        self.write("src/takt/core/a.cpp", '#include "a.hpp"\n#include "takt/nowhere/a.hpp"\n')
        self.write("src/takt/stray/a.cpp", "")
        self.assertEqual(len(self.layers()), 3)

    def test_a_circle_in_the_table_is_found(self):
        self.write("cmake/layers.cmake", 'set(TAKT_LAYER_a "b")\nset(TAKT_LAYER_b "a")\n')
        self.assertIn(check_layers.find_cycle({"a": {"b"}, "b": {"a"}}), ("a", "b"))
        self.assertIsNone(check_layers.find_cycle({"a": {"b"}, "b": set()}))
        self.assertTrue(any("can reach itself" in line for line in self.layers()))

    def test_the_project_itself_lists_its_ground_floor(self):
        root = pathlib.Path(__file__).resolve().parents[2]
        layers = check_layers.read_layers((root / "cmake" / "layers.cmake").read_text())
        self.assertEqual(layers["core"], set())
        self.assertIn("core", layers["messages"])


class FilesTest(Tree):
    def setUp(self):
        super().setUp()
        for module in ("core", "bus", "robots", "robots/sim"):
            for stem in ("a", "b"):
                self.write(f"src/takt/{module}/test/{stem}_test.cpp", "")

    def test_a_tree_with_a_test_per_header_has_no_breach(self):
        self.assertEqual(check_files.main([self.root]), 0)

    def test_a_header_without_a_test_needs_a_reason(self):
        (self.root / "src/takt/core/test/b_test.cpp").unlink()
        self.assertIn("src/takt/core/b.hpp:1", check_files.check_tests(self.root)[0])
        self.write(check_files.EXCEPTIONS, "src/takt/core/b.hpp\n")
        self.assertIn("give a reason", check_files.check_tests(self.root)[0])
        self.write(check_files.EXCEPTIONS, "# why\nsrc/takt/core/b.hpp  # an enum\n")
        self.assertEqual(check_files.check_tests(self.root), [])

    def test_an_exception_that_is_none_is_found(self):
        self.write(check_files.EXCEPTIONS, "src/takt/core/b.hpp  # an enum\n")
        self.assertIn("not a public header without a test", check_files.check_tests(self.root)[0])

    def test_a_source_begins_with_the_header_of_its_name(self):
        self.write("src/takt/core/a.hpp", "")
        self.write("src/takt/core/a.cpp", '#include "takt/core/a.hpp"\n#include <string>\n')
        self.assertEqual(check_files.check_own_headers(self.root), [])
        self.write("src/takt/core/a.cpp", '#include <string>\n#include "takt/core/a.hpp"\n')
        self.assertEqual(check_files.check_own_headers(self.root),
                         ["src/takt/core/a.cpp:1: does not include takt/core/a.hpp first"])

    def test_the_architecture_page_must_say_what_the_table_says(self):
        rows = ["| `core` | x | – |", "| `bus` | x | core |", "| `robots` | x | core |",
                "| `robots/sim` | x | core, robots |", "| `long` | x | core, bus |"]
        self.write("docs/architecture.md", "\n".join(rows))
        self.assertEqual(check_files.check_architecture(self.root), [])
        self.write("docs/architecture.md", "\n".join(rows[1:]).replace("core, bus", "core"))
        self.assertEqual(len(check_files.check_architecture(self.root)), 2)

    def test_a_link_that_leads_nowhere_is_found(self):
        self.write("docs/a.md", "[b](b.md#x) [web](https://example.org/x) [gone](gone.md)\n")
        self.write("docs/b.md", "")
        self.assertEqual(check_files.check_links(self.root), ["docs/a.md:1: the link to gone.md leads nowhere"])

    def test_a_fuzz_target_without_inputs_and_inputs_of_none_are_found(self):
        self.write("src/takt/bus/CMakeLists.txt", "takt_fuzz_target(bus SOURCE a.cpp)\n")
        self.write("fuzz/CMakeLists.txt", "takt_fuzz_target(file SOURCE b.cpp)\n")
        self.write("fuzz/corpus/file/one", "x")
        self.assertEqual(check_files.check_corpora(self.root), ["src/takt/bus/CMakeLists.txt:1: fuzz/corpus/bus has nothing"])
        self.write("fuzz/corpus/bus/one", "x")
        self.write("fuzz/corpus/gone/one", "x")
        self.assertEqual(check_files.check_corpora(self.root), ["fuzz/corpus/gone:1: is of no fuzz target"])

    def test_a_path_of_one_machine_is_found(self):
        self.write("docs/a.md", "fine\nsee /ro" "ot/notes and network/root/x\n")
        self.write("docs/b.md", "frame" "work/root/x ${HOME}/wo" "rk/ ./wo" "rk/x\n")
        self.assertEqual([line.split(": ")[0] for line in check_files.check_words(self.root)], ["docs/a.md:2"])


if __name__ == "__main__":
    unittest.main()
