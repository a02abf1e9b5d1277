"""takt replay on an arm of its own process, and what takt replay and takt serve refuse, as a user meets it. TAKT: the program."""

import math
import os
import signal
import subprocess
import time
import unittest

from players import JOINTS, TAKT, Players, environment


class Local(unittest.TestCase, Players):
    def setUp(self):
        self.set_up(self)

    def takt(self, *words):
        return subprocess.run([TAKT, *map(str, words)], env=environment(self.folder), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)

    def refused(self, code, text, *words):
        result = self.takt(*words)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn(text, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_a_dry_run_shows_the_parts(self):
        result = self.takt("replay", self.wave, self.wave, "--arm", "sim:so101", "--loop", "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        for part in ("entry", "recorded", "bridge", "seam"):
            self.assertIn(part, result.stdout)

    def test_what_was_played_is_recorded_and_plays_again(self):
        for attempt in range(10):  # on a busy machine frames that are put off are altered
            out = self.folder / f"out{attempt}.mcap"
            played = self.takt("replay", self.wave, "--arm", "sim:so101", "--from", 0.5, "--to", 1.5, "--speed", 1.2, "-o", out)
            self.assertEqual(played.returncode, 0, played.stderr)
            if " 0 of them altered by a guard" in played.stdout:
                break
        self.assertIn(" 0 of them altered by a guard", played.stdout)
        again = self.takt("replay", out, "--arm", "sim:so101", "--dry-run")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("recorded", again.stdout)

    def test_words_lead_where_takt_traj_finds_them(self):
        library = self.folder / "library"
        two = self.folder / "two.csv"
        rows = self.wave.read_text(encoding="utf-8").splitlines()
        two.write_text("\n".join([rows[0] + ",segment"] + [f"{row},{i // 60}" for i, row in enumerate(rows[1:])]) + "\n",
                       encoding="utf-8")
        self.assertEqual(self.takt("traj", "import", library, two, "--segment", 0, "--name", "pick.v2").returncode, 0)
        self.assertEqual(self.takt("traj", "export", library, "pick.v2", self.folder / "dataset").returncode, 0)
        for words in (("pick.v2", "--library", library), (two, "--segment", 0), (self.folder / "dataset",)):
            with self.subTest(words=words):
                shown = self.takt("replay", *words, "--arm", "sim:so101", "--dry-run")
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertIn("60 frames, 1.967 s", shown.stdout)

    def test_a_table_that_numbers_its_joints_is_played_when_it_is_said_whose_they_are(self):
        library = self.folder / "library"
        table = self.folder / "fr3.csv"
        rows = ["t_s," + ",".join(f"q_{joint}_rad" for joint in range(1, 8))]
        rows += [f"{i / 50},{0.002 * i},-0.78,0,-2.35,0,1.57,0.78" for i in range(50)]
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        self.assertEqual(self.takt("traj", "import", library, table, "--name", "nobodys").returncode, 0)
        self.assertEqual(self.takt("traj", "import", library, table, "--name", "ours", "--robot", "fr3").returncode, 0)
        rehearsal = ("--library", library, "--arm", "sim:fr3", "--dry-run", "--stretch")
        self.refused(1, "does not say of which robot", "replay", "nobodys", *rehearsal)
        shown = self.takt("replay", "ours", *rehearsal)
        self.assertEqual(shown.returncode, 0, shown.stderr)

    def test_an_opening_moves_an_arm_whose_jaw_is_a_joint_through_a_dataset_too(self):
        library = self.folder / "library"
        table = self.folder / "opening.csv"
        rows = self.wave.read_text(encoding="utf-8").splitlines()
        header = rows[0].replace("q_gripper_rad", "q_gripper_pct")
        arm = [row.rsplit(",", 1)[0] for row in rows[1:]]
        opening = [50 - 50 * math.cos(math.pi * i / 90) for i in range(len(arm))]
        rows = [header] + [f"{joints},{percent:.6f}" for joints, percent in zip(arm, opening)]
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        dataset = self.folder / "dataset"
        self.assertEqual(self.takt("traj", "import", library, table).returncode, 0)
        self.assertEqual(self.takt("traj", "export", library, "opening", dataset).returncode, 0)
        for words in ((table,), (dataset,)):
            with self.subTest(words=words):
                shown = self.takt("replay", *words, "--arm", "sim:so101", "--dry-run")
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertIn("91 frames, 3.000 s", shown.stdout)
        out = self.folder / "out.mcap"
        played = self.takt("replay", table, "--arm", "sim:so101", "--quiet", "-o", out)
        self.assertEqual(played.returncode, 0, played.stderr)
        info = self.takt("traj", "info", out, "--kind", "sent")
        jaw = [line.split() for line in info.stdout.splitlines() if line.split()[:1] == ["gripper"]]
        self.assertEqual(len(jaw), 1, info.stdout)
        self.assertAlmostEqual(float(jaw[0][4]), -10.0 + 110.0, delta=1.0)  # [deg], of a range of -10 ... 100

    def test_what_is_refused_leaves_no_recording_behind(self):
        out = self.folder / "out.mcap"
        fast = self.folder / "fast.csv"
        fast.write_text(self.wave.read_text(encoding="utf-8").replace("0.400000000", "0.900000000"), encoding="utf-8")
        self.refused(1, "Stretch", "replay", fast, "--arm", "sim:so101", "-o", out)
        self.assertFalse(out.exists())
        out.write_text("another's", encoding="utf-8")
        self.refused(2, "exists already", "replay", fast, "--arm", "sim:so101", "-o", out)
        self.assertEqual(out.read_text(encoding="utf-8"), "another's")
        self.refused(2, "-o", "replay", fast, "--arm", "sim:so101", "--dry-run", "-o", self.folder / "dry.mcap")

    def test_an_interrupt_brings_the_arm_to_rest_and_is_no_failure(self):
        process = subprocess.Popen([TAKT, "replay", str(self.wave), "--arm", "sim:so101", "--loop"],
                                   env=environment(self.folder), stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertIn("playing", process.stdout.readline())
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_an_interrupt_while_a_file_is_read_opens_no_arm_and_is_no_failure(self):
        pipe = self.folder / "pipe.csv"
        os.mkfifo(pipe)
        process = subprocess.Popen([TAKT, "replay", str(pipe), "--arm", "sim:none"],  # would be refused
                                   env=environment(self.folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        with open(pipe, "w", encoding="utf-8") as rows:  # when it is open there, too
            process.send_signal(signal.SIGINT)
            rows.write(self.wave.read_text(encoding="utf-8"))
        said = process.communicate(timeout=60)
        self.assertEqual((process.returncode, *said), (0, "", ""))

    def test_what_cannot_be_played_is_refused_with_the_reason(self):
        arm = ("--arm", "sim:so101")
        self.refused(2, "wants either --arm", "replay", self.wave)
        self.refused(2, "wants either --arm", "replay", self.wave, *arm, "--robot", "zmq+tcp://127.0.0.1:1")
        self.refused(2, "--speed", "replay", self.wave, *arm, "--speed", 0)
        self.refused(2, "--dry-run", "replay", self.wave, "--robot", "zmq+tcp://127.0.0.1:1", "--dry-run")
        self.refused(2, "none.csv", "replay", self.folder / "none.csv", *arm)
        self.refused(2, "library", "replay", "pick", *arm)
        self.refused(2, "is no library", "replay", "pick", "--library", self.folder / "library", *arm)
        self.refused(2, "is no library", "replay", "pick", "--library", self.wave, *arm)
        self.assertFalse((self.folder / "library").exists(), "what is mistyped makes no folder")
        (self.folder / "library").mkdir()
        self.refused(2, "'pick'", "replay", "pick", "--library", self.folder / "library", *arm)
        text = self.wave.read_text(encoding="utf-8")
        for name, spoiled, why in (("nan", text.replace("0.400000000", "nan"), "nan"),
                                   ("empty", text.splitlines()[0] + "\n", "empty"),
                                   ("backwards", text + text.splitlines()[1] + "\n", "backwards"),
                                   ("another", text.replace(JOINTS[0], "hip"), "hip"),
                                   ("missing", text.replace(f",q_{JOINTS[3]}_rad", ""), "missing")):
            file = self.folder / f"{name}.csv"
            file.write_text(spoiled, encoding="utf-8")
            with self.subTest(name=name):
                result = self.takt("replay", file, *arm)
                self.assertIn(result.returncode, (1, 2))
                self.assertIn(why, result.stderr)

    def test_a_followers_file_that_is_wrong_is_refused(self):
        bus = ("--bus", f"zmq+ipc://{self.folder}/bus")
        for text, why in (('follower = "sim:so101"\narm = "sim:fr3"\n', "arm"), ('follower = "sim:so101"\nspeed = 1\n', "speed"),
                          ('follower = "sim:so101"\nname = "a b"\n', "name"),
                          ('follower = "sim:so101"\n[guards]\nlimit_fraction = 2\n', "guards.limit_fraction")):
            self.file.write_text(text, encoding="utf-8")
            self.refused(2, why, "serve", "--robot", self.file, *bus)
        self.file.write_text('follower = "sim:so101"\n', encoding="utf-8")
        self.refused(2, "--bus", "serve", "--robot", self.file)
        self.refused(2, "--insecure", "serve", "--robot", self.file, "--bus", "udp://*:7400")
        self.refused(2, "--cpu", "serve", "--robot", self.file, *bus, "--cpu", 0)


if __name__ == "__main__":
    unittest.main()
