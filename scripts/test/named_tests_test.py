import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_named_tests

PAGE = """# A page
| fault | test |
|---|---|
| it is cut | `netfaults.link`, `LinkTest.IsCut` |

| line | what | test |
|---|---|---|
"""
ROWS = {line: f"| {line} | x | `NodeTest.{line}Holds` |\n" for line in (
    f"{letter}{number}" for letter, count in check_named_tests.CHECKLIST.items() for number in range(1, count + 1))}


class NamedTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/takt/link/test/link_test.cpp", "TEST_F(LinkTest, IsCut) {}\n")
        self.write("src/takt/node/test/node_test.cpp", "".join(f"TEST_P(NodeTest, {line}Holds) {{}}\n" for line in ROWS))
        self.write("tests/netfaults/link_test.py", "")
        self.write("tests/dds/nodes/CMakeLists.txt", "set(tests client node)\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def found(self, text):
        self.write(check_named_tests.CHECKLIST_PAGE, text)
        return check_named_tests.check(self.root)

    def test_a_page_whose_tests_are_there_has_no_breach(self):
        self.assertEqual(self.found(PAGE + "".join(ROWS.values())), [])

    def test_a_test_that_is_not_there_is_found_with_its_line(self):
        text = PAGE.replace("IsCut", "IsMended").replace("netfaults.link", "netfaults.chain") + "".join(ROWS.values())
        self.assertEqual(self.found(text), ["docs/guide/nodes.md:4: there is no test netfaults.chain",
                                            "docs/guide/nodes.md:4: there is no test LinkTest.IsMended"])

    def test_a_row_without_a_test_is_found(self):
        text = PAGE.replace("`netfaults.link`, `LinkTest.IsCut`", "somebody looks") + "".join(ROWS.values())
        self.assertEqual(self.found(text), ["docs/guide/nodes.md:4: names no test: somebody looks"])

    def test_a_line_that_the_checklist_lacks_is_found(self):
        rows = dict(ROWS)
        del rows["N31"]
        self.assertEqual(self.found(PAGE + "".join(rows.values())), ["docs/guide/nodes.md:1: the checklist has no line N31"])

    def test_a_test_that_does_not_run_over_dds_is_found(self):
        self.write("src/takt/node/test/own_test.cpp", "TEST_P(OwnTest, S5Holds) {}\n")
        rows = ROWS | {"S5": ROWS["S5"].replace("NodeTest", "OwnTest")}
        self.assertEqual(self.found(PAGE + "".join(rows.values())),
                         ["docs/guide/nodes.md:1: S5 is not held over dds by OwnTest.S5Holds"])

    def test_several_lines_may_share_a_row(self):
        self.assertEqual(check_named_tests.lines_of("N15, N17–N19"), {"N15", "N17", "N18", "N19"})

    def test_what_is_commented_out_is_no_test(self):
        self.assertFalse(check_named_tests.has_test("// TEST(A, B) {}\n", "A", "B"))
        self.assertTrue(check_named_tests.has_test("TYPED_TEST_P(A,\n   B) {}\n", "A", "B"))


if __name__ == "__main__":
    unittest.main()
