"""`takt bench replay` as a user meets it. How fast this host is, is its own affair; what is counted is not."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

TAKT = os.environ["TAKT"]
FRAMES = 60


def bench(*arguments):
    return subprocess.run([TAKT, "bench", "replay", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=100, check=False)


class BenchReplay(unittest.TestCase):
    def test_each_way_has_a_row_whose_requests_are_what_it_is_made_of(self):
        with tempfile.TemporaryDirectory() as folder:
            plot = pathlib.Path(folder) / "replay.svg"
            done = bench("--frames", str(FRAMES), "--rate", "60", "--svg", str(plot))
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = {line[:11].strip(): line[11:].split() for line in done.stdout.splitlines()}
            for way, requests in (("pull", f"{1 + FRAMES}+1"), ("ship once", "1+1"), ("push", "1+1")):
                self.assertEqual(rows[way][1], requests, done.stdout)
            self.assertEqual(rows["push"][0], str(FRAMES))
            self.assertEqual(rows["pull"][2], "0", "a pull wants an answer to all that it says")
            self.assertEqual(rows["ship once"][2], str(FRAMES))
            texts = " ".join(text for text in xml.etree.ElementTree.parse(plot).getroot().itertext())
            for word in ("round trips", "bytes", "CPU", "lateness", "pull", "ship once", "push"):
                self.assertIn(word, texts)

    def test_what_cannot_be_is_refused_before_anything_is_played(self):
        for arguments in (["--frames", "1"], ["--rate", "0"], ["--rate", "nan"], ["--frames", "20", "--rate", "200"],
                          ["--bus", "pigeon://roof"]):
            done = bench(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
