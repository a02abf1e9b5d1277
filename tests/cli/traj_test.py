"""`takt traj` as a user meets it. TAKT: the program; TAKT_DATA: the folder of real recordings, else those tests are skipped."""

import json
import math
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

TAKT = os.environ["TAKT"]
DATA = pathlib.Path(os.environ["TAKT_DATA"]) if os.environ.get("TAKT_DATA") else \
    pathlib.Path(__file__).parents[3] / "shared" / "data"


class Traj(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.library = self.folder / "library"

    def run_takt(self, *arguments):
        return subprocess.run([TAKT, "traj", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)

    def do(self, *arguments):
        """The output of a command that must succeed."""
        result = self.run_takt(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def refuse(self, words, *arguments, code=2):
        """One line on stderr that has the words, and nothing on stdout."""
        result = self.run_takt(*arguments)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertEqual(result.stdout, "")

    def names(self):
        return [line.split()[0] for line in self.do("list", self.library).splitlines()[1:]]

    def table(self, name="wave.csv", rows=200, period=0.02):
        """Two joints, a quarter of a radian up and down."""
        lines = ["t_s,q_pan_rad,q_lift_rad"]
        for i in range(rows):
            lines.append(f"{i * period:.9f},{0.25 * math.sin(2 * math.pi * i * period / 4)!r},{0.01 * math.cos(i * period)!r}")
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def filled(self):
        self.do("import", self.library, self.table(), "--robot", "toy", "--task", "wave to the crowd")
        return self.library


class Library(Traj):
    def test_what_is_imported_is_listed_with_what_it_is(self):
        self.filled()
        line = self.do("list", self.library).splitlines()[1]
        for word in ("wave", "toy", "200", "3.98 s", "wave to the crowd"):
            self.assertIn(word, line)
        self.assertTrue((self.library / "wave.mcap").exists())

    def test_info_says_rate_range_and_speed_of_each_joint(self):
        text = self.do("info", self.filled(), "wave")
        self.assertIn("200 frames, 3.980 s, mean 50.00 Hz, at most 20.00 ms apart", text)
        self.assertIn("toy", text)
        pan = next(line for line in text.splitlines() if line.split()[0] == "pan").split()
        self.assertAlmostEqual(float(pan[3]), -math.degrees(0.25), delta=0.01)
        self.assertAlmostEqual(float(pan[5]), math.degrees(0.25 * math.pi / 2), delta=0.1)

    def test_an_entry_is_not_written_over_unless_told(self):
        self.filled()
        self.refuse("an entry 'wave' already (--replace", "import", self.library, self.table())
        self.do("import", self.library, self.table(rows=100), "--replace")
        self.assertIn(" 100 ", self.do("list", self.library))

    def test_what_is_not_there_is_named(self):
        self.filled()
        self.refuse("nothing", "info", self.library, "nothing")
        self.refuse("is no library", "list", self.folder / "none")
        self.refuse("name the library first", "trim", self.folder / "wave.csv", "short", "--from", 1)
        self.refuse("want [LIBRARY] SOURCE TARGET", "trim", self.library, "wave", "--from", 1)


class Editing(Traj):
    def test_trim_keeps_a_part_that_begins_at_zero(self):
        self.assertIn("51 frames, 1.000 s", self.do("trim", self.filled(), "wave", "middle", "--from", 1, "--to", 2))
        self.assertEqual(self.names(), ["middle", "wave"])
        rows = self.exported("middle")
        self.assertEqual(rows[0][0], 0.0)
        self.assertAlmostEqual(rows[0][1], 0.25)

    def exported(self, name):
        path = self.folder / f"{name}_out.csv"
        self.do("export", self.library, name, path)
        return [[float(field) for field in line.split(",")] for line in path.read_text().splitlines()[1:]]

    def test_cut_takes_a_part_out_and_bridges_the_gap_or_leaves_two(self):
        self.filled()
        self.do("cut", self.library, "wave", "bridged", "--from", 1, "--to", 3)
        rows = self.exported("bridged")
        steps = [abs(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(rows, rows[1:])]
        self.assertLess(max(steps), 0.6)  # rad/s: the recording's own, or the bridge's modest speed; no jump
        self.do("cut", self.library, "wave", "half", "--from", 1, "--to", 3, "--apart")
        self.assertEqual(self.names(), ["bridged", "half_1", "half_2", "wave"])

    def test_join_smooth_and_retime_make_new_entries(self):
        self.filled()
        self.do("join", self.library, "wave", "wave", "twice")
        self.assertGreater(self.exported("twice")[-1][0], 7.9)
        self.assertIn("200 frames, 3.980 s", self.do("smooth", self.library, "wave", "calm", "--width", 0.2))
        self.assertIn("200 frames, 7.960 s", self.do("retime", self.library, "wave", "slow", "--stretch", 2))
        self.assertIn("100.00 Hz", self.do("retime", self.library, "wave", "fine", "--rate", 100))
        self.assertEqual(self.names(), ["calm", "fine", "slow", "twice", "wave"])

    def test_files_can_be_edited_without_a_library(self):
        source = self.table()
        self.do("trim", source, self.folder / "short.csv", "--to", 1)
        self.do("trim", source, self.folder / "short.mcap", "--to", 1)
        self.do("export", self.folder / "short.mcap", self.folder / "again.csv")
        self.assertEqual((self.folder / "again.csv").read_text(), (self.folder / "short.csv").read_text())
        self.refuse("is there already (--replace", "trim", source, self.folder / "short.csv", "--to", 1)
        for name in ("link.csv", "link.mcap"):
            (self.folder / name).symlink_to(self.folder / "nothing")
            self.refuse("is there already (--replace", "trim", source, self.folder / name, "--to", 1)
            self.assertTrue((self.folder / name).is_symlink())

    def test_a_part_of_a_recording_is_that_of_what_it_holds(self):
        self.filled()
        self.do("export", self.library, "wave", self.folder / "wave.mcap")
        self.do("trim", self.library, "wave", self.folder / "of_entry.csv", "--from", 1, "--to", 2)
        self.do("trim", self.folder / "wave.mcap", self.folder / "of_file.csv", "--from", 1, "--to", 2)
        self.assertEqual((self.folder / "of_file.csv").read_text(), (self.folder / "of_entry.csv").read_text())
        self.refuse("no states between these times", "trim", self.folder / "wave.mcap", self.folder / "x.csv", "--from", 9)

    def test_what_cannot_be_edited_is_refused_and_nothing_is_made(self):
        self.filled()
        self.refuse("say where", "trim", self.library, "wave", "x")
        self.refuse("wave", "trim", self.library, "wave", "x", "--from", 100)
        self.refuse("wave", "smooth", self.library, "wave", "x", "--width", 0)
        self.refuse("needs the arm", "retime", self.library, "wave", "x", "--fit")
        self.refuse("fr3 has 7 joints, the trajectory 2", "join", self.library, "wave", "wave", "x", "--arm", "sim:fr3")
        self.assertEqual(self.names(), ["wave"])


class Files(Traj):
    def test_a_dataset_goes_out_and_comes_back_to_the_last_digit(self):
        self.filled()
        self.do("trim", self.library, "wave", "short", "--to", 1.5)
        dataset = self.folder / "dataset"
        self.assertIn("2 episodes, 276 frames", self.do("export", self.library, "wave", "short", dataset))
        info = json.loads((dataset / "meta" / "info.json").read_text())
        self.assertEqual((info["codebase_version"], info["fps"], info["total_frames"]), ("v3.0", 50, 276))
        self.assertIn("276 frames at 50 per second", self.do("info", dataset))
        self.do("import", self.folder / "other", dataset, "--episode", "all", "--name", "back")
        for name, number in (("wave", 0), ("short", 1)):
            self.do("export", self.library, name, self.folder / f"{name}_a.csv")
            self.do("export", self.folder / "other", f"back_{number}", self.folder / f"{name}_b.csv")
            self.assertEqual((self.folder / f"{name}_a.csv").read_text(), (self.folder / f"{name}_b.csv").read_text())
        self.library = self.folder / "third"
        self.do("import", self.library, dataset, "--episode", "all")
        self.assertEqual(self.names(), ["short", "wave"])
        self.refuse("is there already", "export", self.library, "wave", dataset)
        self.refuse("has no episode 2", "import", self.folder / "other", dataset, "--episode", 2)

    def test_broken_tables_are_refused_with_their_place_and_add_nothing(self):
        cases = {"nan.csv": ("t_s,q_a_rad\n0,1\n0.1,nan\n", "nan.csv:3: q_a_rad: 'nan' is not finite"),
                 "back.csv": ("t_s,q_a_rad\n0,1\n0.1,2\n0.05,3\n", "back.csv:4: t_s: time must increase"),
                 "short.csv": ("t_s,q_a_rad,q_b_rad\n0,1\n", "short.csv:2: the row has 2 fields, the header 3"),
                 "empty.csv": ("", "empty.csv: the file is empty"),
                 "two.csv": ("t_s,q_a_rad,p_a_rad\n0,1,2\n", "there is a choice of column groups, say which: q, p")}
        for name, (text, words) in cases.items():
            with self.subTest(name):
                (self.folder / name).write_text(text)
                self.refuse(words, "import", self.library, self.folder / name)
        self.assertFalse(self.library.exists())

    def test_a_broken_entry_is_listed_with_its_error(self):
        self.filled()
        (self.library / "odd.mcap").write_bytes(b"no recording")
        self.assertIn("cannot be read", self.do("list", self.library))
        self.refuse("odd", "info", self.library, "odd")

    def test_repair_says_what_was_lost_by_its_exit_code(self):
        self.filled()
        whole = self.library / "wave.mcap"
        self.assertIn("nothing was lost", self.do("repair", whole, self.folder / "same.mcap"))
        broken = self.folder / "broken.mcap"
        broken.write_bytes(whole.read_bytes()[:-20])
        self.assertIn("nothing was lost", self.do("repair", broken, self.folder / "repaired.mcap"))  # but the index
        half = self.folder / "half.mcap"
        half.write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
        result = self.run_takt("repair", half, self.folder / "rest.mcap")
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        self.assertIn("lost:", result.stdout)
        self.refuse("rest.mcap", "repair", half, self.folder / "rest.mcap")  # never over a file
        self.refuse("wave.csv", "repair", self.table(), self.folder / "none.mcap")

    def test_a_plot_is_a_picture_of_both(self):
        self.filled()
        self.do("smooth", self.library, "wave", "calm")
        picture = self.folder / "wave.svg"
        self.do("plot", self.library, "wave", "calm", picture, "--title", "one & two")
        root = xml.etree.ElementTree.parse(picture).getroot()
        self.assertTrue(root.tag.endswith("svg"))
        self.assertIn("one & two", "".join(root.itertext()))


class Recordings(Traj):
    """Of a recorder: two robots, three episodes, the second discarded."""
    RECORDING = pathlib.Path(__file__).parents[2] / "fuzz" / "corpus" / "recorded_states" / "run_0.mcap"

    def test_info_says_what_a_recording_holds(self):
        text = self.do("info", self.RECORDING)
        for words in ("leader leader: 1 frames", "f sent: 4 frames", "1: 0.000 s, pick, success", "2: 0.000 s, discarded"):
            self.assertIn(words, text)
        self.refuse("several episodes, name one", "import", self.library, self.RECORDING, "--kind", "sent")
        for none in (2**32 + 1, 10**9 + 1, -1, "one", 99):  # the first was episode 1 in 32 bits
            self.refuse("episode", "import", self.library, self.RECORDING, "--kind", "sent", "--episode", none)
        self.refuse("'felt': want leader, mapped", "import", self.library, self.RECORDING, "--kind", "felt")

    def test_its_episodes_become_entries_but_for_those_that_were_discarded(self):
        self.do("import", self.library, self.RECORDING, "--kind", "sent", "--episode", "all", "--name", "pick")
        self.assertEqual(self.names(), ["pick_1", "pick_3"])

    def test_two_of_its_states_become_observations_and_actions(self):
        dataset = self.folder / "dataset"
        self.do("export", self.RECORDING, dataset, "--kind", "leader", "--action-kind", "sent", "--episode", 1)
        features = json.loads((dataset / "meta" / "info.json").read_text())["features"]
        self.assertIn("takt.action_t_ns", features)
        self.assertEqual(features["observation.state"]["names"], features["action"]["names"])


@unittest.skipUnless((DATA / "franka_fr3_impedance").is_dir(), "no recordings (TAKT_DATA is not set)")
class RealRecordings(Traj):
    FR3 = DATA / "franka_fr3_impedance" / "sysid.csv"
    CIRCLE = DATA / "so101_follower_tracking" / "circle.csv"

    def test_the_fr3_recording_is_four_trajectories(self):
        self.refuse("choose one segment", "import", self.library, self.FR3, "--group", "q")
        self.do("import", self.library, self.FR3, "--group", "q", "--segment", "all", "--robot", "fr3")
        self.assertEqual(self.names(), [f"sysid_{i}" for i in range(4)])
        self.do("import", self.library, self.FR3, "--group", "q_des", "--segment", 2, "--robot", "fr3", "--name", "wanted")
        text = self.do("info", self.library, "sysid_0", "--arm", "sim:fr3")
        self.assertIn("200 frames, 3.980 s", text)
        self.assertIn("7 joints, velocities", text)
        self.assertIn("limits:", text)

    def test_the_fr3_recordings_make_a_sequence_and_a_dataset(self):
        self.do("import", self.library, self.FR3, "--group", "q", "--segment", "all", "--robot", "fr3")
        names = self.names()
        self.do("join", self.library, *names, "all", "--arm", "sim:fr3")
        self.assertIn("4 episodes, 800 frames", self.do("export", self.library, *names, self.folder / "dataset"))
        self.refuse("segment", "import", self.library, self.FR3, "--group", "q", "--segment", 7)

    def test_the_so101_recording_keeps_its_uneven_times(self):
        self.do("import", self.library, self.CIRCLE, "--group", "target", "--robot", "so101")
        self.assertIn("1500 frames, 25.388 s, mean 59.04 Hz", self.do("info", self.library, "circle"))
        self.do("export", self.library, "circle", self.folder / "dataset")
        self.do("import", self.library, self.folder / "dataset", "--name", "again")
        for name in ("circle", "again"):
            self.do("export", self.library, name, self.folder / f"{name}.csv")
        self.assertEqual((self.folder / "circle.csv").read_text(), (self.folder / "again.csv").read_text())

    def test_what_the_so101_is_too_slow_for_is_said_and_stretched(self):
        self.do("import", self.library, self.CIRCLE, "--group", "command", "--robot", "so101")
        text = self.do("info", self.library, "circle", "--arm", "sim:so101")
        self.assertIn("limits:", text)
        self.do("plot", self.CIRCLE, self.CIRCLE, self.folder / "circle.svg", "--group", "target")
        self.assertGreater((self.folder / "circle.svg").stat().st_size, 1000)


if __name__ == "__main__":
    unittest.main()
