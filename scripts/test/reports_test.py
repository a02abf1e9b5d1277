import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import bench_result
import count_tests
import readme_figures

FIGURE = {"name": "publish", "value": 12.34, "unit": "ns", "baseline": 3.4, "ratio": 3.6, "goal": "<= 15"}


class CountTestsTest(unittest.TestCase):
    def test_counts_each_outcome_of_a_ctest_report(self):
        report = ElementTree.fromstring(
            '<testsuite>'
            '<testcase name="a" status="run"/><testcase name="b" status="run"/>'
            '<testcase name="c" status="fail"><failure message="x"/></testcase>'
            '<testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
            '<testcase name="e" status="disabled"/>'
            '</testsuite>')
        self.assertEqual(count_tests.count(report.iter("testcase")), [2, 1, 2])

    def test_the_end_of_what_a_failed_test_said_is_repeated(self):
        report = ElementTree.fromstring(
            '<testsuite><testcase name="a" status="fail"><failure message="x"/><system-out>'
            + "".join(f"line {i}\n" for i in range(40)) + '</system-out></testcase></testsuite>')
        said = count_tests.end_of(report.find("testcase"))
        self.assertTrue(said.endswith("  line 39\n"))
        self.assertNotIn("line 5\n", said)

    def outcome_of(self, said, required):
        """Exit code and last line for a report of two tests, one of which was skipped and said this."""
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as report:
            report.write('<testsuite><testcase name="a" status="run"/><testcase name="b" status="notrun"><skipped/>'
                         f'<system-out>{said}</system-out></testcase></testsuite>')
            report.flush()
            with contextlib.redirect_stdout(io.StringIO()) as out:
                code = count_tests.main(report.name, required)
        return code, out.getvalue().splitlines()

    def test_what_is_not_installed_is_said_and_fails_where_it_is_required(self):
        said = "x_test.cpp:7: Skipped\nnot installed: tshark\n"
        self.assertEqual(self.outcome_of(said, False),
                         (0, ["skipped: b: not installed: tshark", "1 passed, 0 failed, 1 skipped"]))
        self.assertEqual(self.outcome_of(said, True),
                         (1, ["failed: b: not installed: tshark", "1 passed, 1 failed, 0 skipped"]))

    def test_another_reason_to_skip_is_none_to_fail(self):
        self.assertEqual(self.outcome_of("skipped: no network namespace can be made here", True),
                         (0, ["1 passed, 0 failed, 1 skipped"]))

    def test_a_missing_report_is_an_error(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(count_tests.main("/nonexistent/report.xml"), 1)
        self.assertIn("no test report", said.getvalue())


class FiguresTest(unittest.TestCase):
    def result(self, **changes):
        return {"bench": "bus", "machine": "m", "compiler": "c", "commit": "abc", "figures": [FIGURE | changes]}

    def test_a_row_shows_value_baseline_ratio_and_goal(self):
        self.assertIn("| publish | 12.3 ns | 3.4 ns | 3.6 × | <= 15 |", readme_figures.table([self.result()]))

    def test_a_ratio_shows_its_spread(self):
        self.assertIn("| 3.6 × (3.1–4) |", readme_figures.table([self.result(ratio_quartiles=[3.1, 4.0])]))

    def test_what_is_not_compared_is_a_dash(self):
        text = readme_figures.table([self.result(baseline=None, ratio=None, goal=None, value=1234567.0, unit="")])
        self.assertIn("| publish | 1 234 567 | – | – | – |", text)

    def test_only_the_text_between_the_markers_changes(self):
        readme = f"a\n{readme_figures.BEGIN}\nold\n{readme_figures.END}\nb\n"
        new = readme_figures.replaced(readme, "new\n")
        self.assertEqual(new, f"a\n{readme_figures.BEGIN}\nnew\n{readme_figures.END}\nb\n")
        self.assertEqual(readme_figures.replaced(new, "new\n"), new)

    def test_a_readme_without_markers_is_refused(self):
        with self.assertRaises(ValueError):
            readme_figures.replaced("a\n", "new\n")

    def test_the_readme_shows_what_the_results_say(self):
        self.assertEqual(readme_figures.main(["--check"]), 0)


class BenchResultTest(unittest.TestCase):
    def test_a_complete_result_passes(self):
        self.assertIsNone(bench_result.complaint({"bench": "bus", "figures": [FIGURE]}))

    def test_what_lacks_a_key_or_a_number_is_named(self):
        self.assertIn("figures", bench_result.complaint({"bench": "bus", "figures": []}))
        without_goal = {key: value for key, value in FIGURE.items() if key != "goal"}
        self.assertIn("goal", bench_result.complaint({"bench": "bus", "figures": [without_goal]}))
        self.assertIn("no number", bench_result.complaint({"bench": "bus", "figures": [FIGURE | {"value": "fast"}]}))


if __name__ == "__main__":
    unittest.main()
