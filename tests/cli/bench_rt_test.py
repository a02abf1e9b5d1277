"""`takt bench rt` as a user meets it. What it measures is the host's affair; that it measures, and says so, is tested.

TAKT: the program.
"""

import json
import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import unittest

TAKT = os.environ["TAKT"]
LEVELS = {"ok", "advice", "problem", "unknown"}
FAKE = """#!/bin/sh
echo "$@" >> {log}
echo '# Histogram'
echo '000004 000000'
echo '000005 000098'
echo '000040 000001'
echo '# Total: 000000099'
echo '# Max Latencies: 30000'
echo '# Histogram Overflows: 00001'
echo '# Thread 0: 00099'
"""


class BenchRt(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def program(self, text):
        """A cyclictest of the test's own; empty: none at all. Returns the environment in which it is found."""
        if text:
            path = self.folder / "cyclictest"
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return {**os.environ, "PATH": str(self.folder)}

    def run_rt(self, *arguments, cyclictest=""):
        return subprocess.run([TAKT, "bench", "rt", *arguments], env=self.program(cyclictest), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def report(self, *arguments, cyclictest=""):
        result = self.run_rt(*arguments, "--json", cyclictest=cyclictest)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def test_people_get_findings_a_table_and_a_verdict(self):
        result = self.run_rt("--duration", "0.1")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for words in ("kernel", "real-time priority", "swap", "wakes late by [µs]", "p99.9", "rt-tests"):
            self.assertIn(words, result.stdout)
        self.assertRegex(result.stdout.splitlines()[-1], r"^(good|tight|unfit): p99\.9 \d+ µs, longest \d+ µs: ")

    def test_machines_get_the_same_as_json(self):
        report = self.report("--duration", "0.2", "--priority", "7")
        self.assertEqual((report["schema"], report["fifo_priority"], report["cpu"]), ("takt.bench.rt/1", 7, None))
        self.assertIn(report["fitness"], {"good", "tight", "unfit"})
        self.assertTrue(report["verdict"].startswith(report["fitness"]))
        self.assertEqual(len(report["findings"]), 13)
        for finding in report["findings"]:
            self.assertIn(finding["level"], LEVELS)
            self.assertEqual(bool(finding["fix"]), finding["level"] in {"advice", "problem"}, finding)
        wakes = report["wakes"][0]
        self.assertEqual(wakes["samples"] + wakes["missed"], 200)
        self.assertLessEqual(wakes["p50_us"], wakes["p99_us"])
        self.assertLessEqual(wakes["p999_us"], wakes["max_us"])
        self.assertEqual(len(report["wakes"]), 2 if report["kept_awake"] else 1)

    def test_the_cpu_is_pinned_and_checked(self):
        cpu = max(os.sched_getaffinity(0))
        report = self.report("--duration", "0.05", "--cpu", str(cpu))
        self.assertEqual((report["cpu"], report["pinned"]), (cpu, True))

    def test_cyclictest_gives_a_second_opinion_where_it_is_installed(self):
        log = self.folder / "log"
        report = self.report("--duration", "0.05", "--priority", "33", cyclictest=FAKE.format(log=log))
        self.assertEqual(log.read_text(), "-q -m -t1 -p33 -i1000 -l50 -h20000\n")
        row = report["wakes"][-1]
        self.assertEqual((row["name"], row["samples"], row["missed"], row["max_us"]), ("cyclictest", 100, None, 30000.5))
        self.assertAlmostEqual(row["p50_us"], 5.5, delta=0.1)
        self.assertAlmostEqual(row["p99_us"], 40.5, delta=0.7)
        self.assertEqual(report["note"], "")

    def test_what_cyclictest_complains_of_is_told(self):
        report = self.report("--duration", "0.05", cyclictest="#!/bin/sh\necho 'no right to do that' >&2\nexit 1\n")
        self.assertEqual(report["note"], "cyclictest: no right to do that")
        self.assertNotIn("cyclictest", [row["name"] for row in report["wakes"]])

    def test_ctrl_c_ends_it_with_the_figures_so_far(self):
        command = [TAKT, "bench", "rt", "--duration", "3000"]
        with subprocess.Popen(command, env=self.program(""), stdout=subprocess.PIPE, text=True) as process:
            self.assertIn("measuring", next(line for line in process.stdout if line.startswith("measuring")))
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 0)
        self.assertIn("wakes late by", told)

    def test_wrong_arguments_exit_2(self):
        for arguments in (["--duration", "0"], ["--duration", "-1"], ["--duration", "nan"], ["--duration", "1e9"],
                          ["--cpu", "4095"], ["--cpu", "-1"], ["--priority", "0"], ["--priority", "100"], ["--bogus"]):
            with self.subTest(arguments=arguments):
                result = self.run_rt(*arguments)
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (2, "", 1))

    def test_the_help_says_what_the_verdict_means(self):
        result = self.run_rt("--help")
        self.assertEqual(result.returncode, 0)
        for words in ("300 µs", "150 µs", "1000 µs", "20000 µs", "unfit"):
            self.assertIn(words, result.stdout)


if __name__ == "__main__":
    unittest.main()
