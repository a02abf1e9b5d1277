"""The example of blocking code: LoopWatch names each of the four bad lines, and none of their fixes.

BLOCKING_CODE: the program. A busy host may stop the loop, or the watch, at any moment: what was not named in one run has to
be in another.
"""

import os
import re
import subprocess
import unittest

# The task that has the bad line, its function, and how long that takes at least [ms].
CULPRITS = {"model": ("model(double)", 1), "disk": ("read_image", 1), "sleep": ("wait_for_gripper", 99), "network": ("ask_server", 49)}
RUNS = 10
REPORT = re.compile(r"^task '(?P<path>[^']+)' \(started at blocking_code\.cpp:(?P<line>\d+)\) kept the loop from turning for "
                    r"(?P<ms>[\d.]+) ms[^\n]*, in\n(?P<stack>(?: {4}.*\n)*)", re.MULTILINE)


def run():
    """The reports of the bad half and of the good one."""
    result = subprocess.run([os.environ["BLOCKING_CODE"]], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
    if result.returncode != 0:
        raise AssertionError(f"exit status {result.returncode}:\n{result.stdout}{result.stderr}")
    bad, good = result.stdout.split("Good: awaited")
    return [[match.groupdict() for match in REPORT.finditer(half)] for half in (bad, good)]


class BlockingCode(unittest.TestCase):
    def test_each_bad_line_is_named_and_no_fix_is(self):
        named = {}
        for _ in range(RUNS):
            bad, good = run()
            for report in bad:
                name = report["path"].removeprefix("main/")
                function, least_ms = CULPRITS.get(name, ("?", 0))
                if function in report["stack"] and float(report["ms"]) >= least_ms:
                    named[name] = report
            for report in good:
                for function, _ in CULPRITS.values():
                    self.assertNotIn(function, report["stack"])
            if named.keys() == CULPRITS.keys():
                break
        self.assertEqual(named.keys(), CULPRITS.keys())
        self.assertEqual(len({report["line"] for report in named.values()}), len(CULPRITS), "each has its own start")


if __name__ == "__main__":
    unittest.main()
