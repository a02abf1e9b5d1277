"""Pages of the guide that say what holds their claims: every test, example and bench row that one names is there.

A line of evidence is one of

  * test: `Suite.Name` in `path/of/a_test.cpp`, a contract suite's header or a Python test; words may follow
  * example: `examples/path.cpp`, that the tests run
  * bench: `name`, row `the beginning of a row's name`
"""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from check_named_tests import has_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = "docs/guide/why-your-loop-is-safe.md"

TEST = re.compile(r"\* test: `(\w+)\.(\w+)` in `([\w./]+)`(?:: .+)?")
EXAMPLE = re.compile(r"\* example: `examples/(\w+)/(\w+)\.cpp`")
BENCH = re.compile(r"\* bench: `(\w+)`, row `([^`]+)`")


def registered(text, suite, name):
    """A typed test of a contract suite runs only when it is registered, once more by name."""
    return re.search(rf"REGISTER_TYPED_TEST_SUITE_P\({suite},[^;]*\b{name}\b", text) is not None


def complaint_of_test(root, suite, name, path):
    file = root / path
    if not file.is_file():
        return f"there is no {path}"
    text = file.read_text(encoding="utf-8")
    if not has_test(text, suite, name, file.suffix == ".py"):
        return f"{path} has no test {suite}.{name}"
    if f"TYPED_TEST_P({suite}" in text and not registered(text, suite, name):
        return f"{path} does not register {suite}.{name}"
    return None


def complaint_of_example(root, folder, name):
    if not (root / "examples" / folder / f"{name}.cpp").is_file():
        return f"there is no examples/{folder}/{name}.cpp"
    if not re.search(rf"\b{name}\b", (root / "tests" / "examples" / "CMakeLists.txt").read_text(encoding="utf-8")):
        return f"no test runs examples/{folder}/{name}.cpp"
    return None


def complaint_of_bench(root, bench, row):
    """Rows are known from the committed results. A bench that is there and was not run yet has none."""
    results = root / "bench" / "results" / f"{bench}.json"
    if not results.is_file():
        return None if (root / "bench" / f"{bench}.cpp").is_file() else f"there is no bench {bench}"
    figures = json.loads(results.read_text(encoding="utf-8"))["figures"]
    if not any(figure["name"].startswith(row) for figure in figures):
        return f"bench {bench} has no row that begins with \"{row}\""
    return None


KINDS = ((TEST, complaint_of_test), (EXAMPLE, complaint_of_example), (BENCH, complaint_of_bench))


def complaints(root, page):
    """What is wrong with the evidence of a page, each with its line; and sections without any."""
    found = []
    section, has_evidence = None, True
    lines = (root / page).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, "## "], start=1):
        if line.startswith("## "):
            if section and not has_evidence:
                found.append(f"{page}: nothing holds what \"{section}\" says")
            section, has_evidence = line[3:], False
        if re.match(r"\* (test|example|bench)\b", line):
            has_evidence = True
            match, complain = next(((kind.fullmatch(line), check) for kind, check in KINDS if kind.fullmatch(line)),
                                   (None, None))
            why = complain(root, *match.groups()) if match else f"no line of evidence: {line}"
            if why:
                found.append(f"{page}:{number}: {why}")
    return found


# It sums up what the others say.
WITHOUT_EVIDENCE = {"Checklist"}


class GuideTest(unittest.TestCase):
    maxDiff = None

    def test_all_that_the_page_refers_to_is_there(self):
        found = complaints(ROOT, PAGE)
        excused = {f"{PAGE}: nothing holds what \"{section}\" says" for section in WITHOUT_EVIDENCE}
        self.assertEqual([line for line in found if line not in excused], [])

    def test_tests_are_found_by_suite_and_name(self):
        text = "TEST_F(A, B) {\nTYPED_TEST_P(C, D) {\n  // TEST(E, F)\nREGISTER_TYPED_TEST_SUITE_P(C, X,\n    D);\n"
        self.assertTrue(has_test(text, "A", "B", False))
        self.assertTrue(has_test(text, "C", "D", False))
        self.assertFalse(has_test(text, "A", "D", False))
        self.assertFalse(has_test(text, "E", "F", False), "commented out")
        self.assertTrue(registered(text, "C", "D"))
        self.assertFalse(registered(text, "C", "B"))
        self.assertTrue(has_test("class A(T):\n    x = 1\n\n    def test_b(self):\n", "A", "test_b", True))
        self.assertFalse(has_test("class A(T):\n    def test_b(self):\n", "A", "test_c", True))

    def test_what_is_missing_is_named(self):
        self.assertIn("no_such_test.cpp", complaint_of_test(ROOT, "A", "B", "src/no_such_test.cpp"))
        self.assertIn("GuideTest.nothing", complaint_of_test(ROOT, "GuideTest", "nothing", "scripts/test/guide_test.py"))
        self.assertIn("no_such.cpp", complaint_of_example(ROOT, "controller", "no_such"))
        self.assertIn("no bench no_such", complaint_of_bench(ROOT, "no_such", "row"))
        self.assertIn("no such row", complaint_of_bench(ROOT, "bus", "no such row"))
        self.assertIsNone(complaint_of_bench(ROOT, "bus", "publish 64 bytes to 1"))


if __name__ == "__main__":
    unittest.main()
