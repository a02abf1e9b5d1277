"""says.py is what the tests of the examples rest on: it has to fail when they do."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from says import complaint, matches  # noqa: E402


class SaysTest(unittest.TestCase):
    def test_numbers_are_bounded(self):
        line = "pid: 0.0042 rad (x)"
        self.assertTrue(matches("pid: <0..0.005> rad (x)", line))
        self.assertFalse(matches("pid: <0..0.004> rad (x)", line))
        self.assertFalse(matches("pid: <0.005..1> rad (x)", line))
        self.assertTrue(matches("from <-2.5..-2.4> to <1..1> m", "from -2.45 to 1 m"))
        self.assertFalse(matches("<0..1>", "nan"))

    def test_the_rest_is_literal_and_complete(self):
        self.assertFalse(matches("a.c", "abc"))
        self.assertFalse(matches("home", "back home"))
        self.assertTrue(matches("<...>home<...>: <1..2> m", "back home: 1 m"))

    def test_a_program_that_fails_after_its_line_has_failed(self):
        self.assertIsNone(complaint(["done"], 0, "done\n"))
        self.assertIsNotNone(complaint(["done"], 1, "done\n"))
        self.assertIsNotNone(complaint(["done"], -6, "done\n"))

    def test_the_last_line_is_the_last_and_the_others_come_in_order(self):
        self.assertIsNone(complaint(["a", "c"], 0, "a\nb\nc\n"))
        self.assertIsNotNone(complaint(["a", "b"], 0, "a\nb\nc\n"))
        self.assertIsNotNone(complaint(["b", "a", "c"], 0, "a\nb\nc\n"))
        self.assertIsNotNone(complaint(["a"], 0, ""))


if __name__ == "__main__":
    unittest.main()
