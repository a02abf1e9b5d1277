"""The takt command as a user meets it: real processes, real files, real signals.

TAKT: the program. TAKT_DATA: recordings of real robots; tests that want them are skipped where it is not set.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAKT = os.environ["TAKT"]
EXAMPLES = sorted((ROOT / "examples" / "teleop").glob("*.toml"))
THREADS_OF_A_PAIR = {"takt", "pub.leader", "pub.follower"}


def run(*arguments, timeout=90):
    return subprocess.run([TAKT, *map(str, arguments)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)


class Temporary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


class Help(unittest.TestCase):
    def test_version_and_help_of_every_command(self):
        self.assertRegex(run("--version").stdout, r"^takt \d+\.\d+\.\d+$")
        for command in ([], ["teleop"], ["bench"], ["bench", "delivery"]):
            with self.subTest(command=command):
                result = run(*command, "--help")
                self.assertEqual(result.returncode, 0)
                self.assertIn("Usage", result.stdout)

    def test_wrong_usage_exits_2(self):
        for arguments in ([], ["fly"], ["teleop", "--bogus"], ["teleop", "--speed", "fast"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(run(*arguments).returncode, 2)


class Examples(Temporary):
    def test_every_example_runs_and_moves_its_follower(self):
        self.assertGreaterEqual(len(EXAMPLES), 4)
        for example in EXAMPLES:
            with self.subTest(example=example.name):
                report = self.folder / "report.json"
                result = run("teleop", example, "--duration", "3", "--report", report, "--quiet")
                self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
                for pair in json.loads(report.read_text())["pairs"]:
                    self.assertGreater(pair["commands"]["applied"] + pair["commands"]["clamped"] + pair["commands"]["aligning"], 10)

    def test_without_a_file_an_operator_leads_an_fr3(self):
        result = run("teleop", "--duration", "1.5")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("synthetic -> sim:fr3 (inline)", result.stdout)
        self.assertIn("end_to_end", result.stdout)

    def test_the_same_job_over_four_pairs_of_drivers(self):
        wave = "playback:examples/teleop/wave.csv"
        for leader, follower, config in (
            ("synthetic", "sim:fr3", []),
            ("synthetic", "sim:so101", []),
            (wave, "sim:so101", []),
            (wave, "sim:fr3", [ROOT / "examples" / "teleop" / "so101_to_fr3.toml"]),
        ):
            with self.subTest(leader=leader, follower=follower):
                report = self.folder / "report.json"
                result = run("teleop", *config, "--leader", leader, "--follower", follower, "--duration", "2", "--report", report, "--quiet")
                self.assertEqual(result.returncode, 0, result.stderr)
                told = json.loads(report.read_text())
                names = [hop["name"] for hop in told["hops"]]
                self.assertEqual(names, ["state_updated", "enter", "converted", "guarded", "published", "applied"])
                self.assertEqual(told["guards"]["stale_leader_halt"], 0)

    def test_needs_no_network(self):
        if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
            self.skipTest("no right to make a network namespace")
        # Without even a loopback device.
        command = ["unshare", "-n", TAKT, "teleop", "--duration", "1", "--quiet"]
        self.assertEqual(subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30).returncode, 0)

    def test_no_thread_but_those_of_the_architecture(self):
        report = self.folder / "report.json"
        run("teleop", "--duration", "1", "--report", report, "--quiet")
        self.assertEqual(set(json.loads(report.read_text())["threads"]), THREADS_OF_A_PAIR | {"sim.fr3", "rt.fr3"})

    def test_every_hop_is_stamped_on_the_leaders_thread_inline_and_not_with_a_queue(self):
        for delivery, threads in (("inline", 1), ("fifo", 2), ("drain-newest", 2)):
            with self.subTest(delivery=delivery):
                report = self.folder / "report.json"
                result = run("teleop", "--duration", "1", "--delivery", delivery, "--report", report, "--quiet")
                self.assertEqual(result.returncode, 0, result.stderr)
                hops = json.loads(report.read_text())["hops"]
                self.assertEqual(len({hop["thread"] for hop in hops}), threads)

    def test_the_trace_loads_as_json(self):
        trace = self.folder / "trace.json"
        self.assertEqual(run("teleop", "--duration", "1", "--trace", trace, "--quiet").returncode, 0)
        events = json.loads(trace.read_text())
        self.assertIn("pub.leader", {event["args"].get("name") for event in events})
        self.assertTrue(all(event["dur"] >= 0 for event in events if event["ph"] == "X"))


class Interrupt(Temporary):
    def test_ctrl_c_brings_the_arm_to_rest_writes_the_report_and_exits_0(self):
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=sent):
                report = self.folder / f"{sent}.json"
                with subprocess.Popen([TAKT, "teleop", "--report", str(report)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
                    self.assertIn("commands/s", process.stdout.readline())
                    process.send_signal(sent)
                    process.communicate(timeout=30)
                self.assertEqual(process.returncode, 0)
                self.assertGreater(json.loads(report.read_text())["commands"]["applied"], 0)


def csv(rows, header="t_s,target_a_rad"):
    return header + "\n" + "".join(row + "\n" for row in rows)


class BadInput(Temporary):
    """One line with the place, exit 2, nothing started."""

    def refuse(self, says, *arguments):
        report = self.folder / "report.json"
        result = run("teleop", *arguments, "--report", report, timeout=20)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertFalse(report.exists())

    def test_recordings(self):
        cases = {
            "ragged": (csv(["0,1", "0.1"]), "bad.csv:3"),
            "text": (csv(["0,1", "0.1,one"]), "bad.csv:3: target_a_rad"),
            "nan": (csv(["0,nan"]), "bad.csv:2: target_a_rad"),
            "time": (csv(["0.1,1", "0.1,2"]), "bad.csv:3: t_s"),
            "column": (csv(["0,1"], "t_s,other_a_rad"), "target"),
            "no time": (csv(["1"], "target_a_rad"), "t_s"),
            "empty": ("", "bad.csv"),
        }
        for name, (text, says) in cases.items():
            with self.subTest(name):
                self.refuse(says, "--leader", f"playback:{self.file('bad.csv', text)}", "--follower", "sim:so101")

    def test_missing_files_and_robots(self):
        self.refuse("/does/not/exist.csv", "--leader", "playback:/does/not/exist.csv")
        self.refuse("/does/not/exist.toml", "/does/not/exist.toml")
        self.refuse("--follower: sim:fr4: there is no model 'fr4'", "--follower", "sim:fr4")
        self.refuse("takes no commands", "--follower", "synthetic:fr3")
        self.refuse("--delivery", "--delivery", "pigeon")
        self.refuse("--speed", "--speed", "0")
        self.refuse("--duration", "--duration", "-1")
        self.refuse("reindex", "--leader", "synthetic:so101", "--follower", "sim:fr3")

    def test_configurations(self):
        pair = '[[pair]]\nleader = "synthetic"\nfollower = "sim:fr3"\n'
        cases = {
            "unknown key": (pair + "colour = 3\n", ":4: pair[0].colour: unknown key"),
            "no TOML": (pair + "rate = = 3\n", ":4: not TOML"),
            "kind": (pair + 'leader_rate_hz = "fast"\n', ":4: pair[0].leader_rate_hz: must be a number"),
            "no joint": (pair + "[pair.map]\nreindex = [0,1,2,3,4,5,9]\n", "pair[0].map.reindex[6]"),
            "model": (pair.replace("fr3", "fr4"), ":3: pair[0].follower: sim:fr4: there is no model"),
            "name": (pair + 'name = "1 a"\n', ":4: pair[0].name"),
            "no pair": ("duration_s = 1\n", "there is no [[pair]]"),
        }
        for name, (text, says) in cases.items():
            with self.subTest(name):
                self.refuse(says, self.file("bad.toml", text))


class Outputs(Temporary):
    def test_an_output_that_cannot_be_written_is_refused_before_anything_starts(self):
        recording = self.file("leader.csv", csv(["0,0.1", "0.1,0.1"]))
        for arguments in (
            ["--report", "/does/not/exist/report.json"],
            ["--trace", "/does/not/exist/trace.json"],
            ["--report", self.folder],
            ["--report", ""],
            ["--report", self.folder / "x", "--trace", self.folder / "x"],
            ["--leader", f"playback:{recording}", "--report", recording],
        ):
            with self.subTest(arguments=arguments):
                result = run("teleop", "--duration", "0.5", *arguments)
                self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result.stderr)
        self.assertIn("target_a_rad", recording.read_text())

    def test_a_bad_configuration_leaves_an_older_trace_alone(self):
        trace = self.file("trace.json", "old")
        self.assertEqual(run("teleop", "--follower", "sim:fr4", "--trace", trace).returncode, 2)
        self.assertEqual(trace.read_text(), "old")

    def test_a_full_disk_ends_the_trace_not_the_run(self):
        report = self.folder / "report.json"
        result = run("teleop", "--duration", "1", "--trace", "/dev/full", "--report", report, "--quiet")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/dev/full", result.stderr)
        self.assertGreater(json.loads(report.read_text())["commands"]["applied"], 0)

    def test_a_reader_that_goes_away_does_not_stop_the_run(self):
        report = self.folder / "report.json"
        command = f"'{TAKT}' teleop --duration 2 --report '{report}' | head -n 1"
        subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, timeout=30)
        self.assertGreater(json.loads(report.read_text())["duration_s"], 1.9)


@unittest.skipUnless(os.environ.get("TAKT_DATA"), "skipped: no recordings (TAKT_DATA)")
class RealRecordings(Temporary):
    """The recordings of a real SO-101 run to their end on both followers; each row's fate is told."""

    def test_the_circle_on_both_followers_at_once(self):
        recording = pathlib.Path(os.environ["TAKT_DATA"]) / "so101_follower_tracking" / "circle.csv"
        reports = {name: self.folder / f"{name}.json" for name in ("so101_playback", "so101_to_fr3")}
        processes = [
            subprocess.Popen([TAKT, "teleop", str(ROOT / "examples" / "teleop" / f"{name}.toml"), "--leader", f"playback:{recording}",
                              "--report", str(report), "--quiet"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
            for name, report in reports.items()
        ]
        for process in processes:
            errors = process.communicate(timeout=90)[1]
            self.assertEqual(process.returncode, 0, errors)
        for name, path in reports.items():
            with self.subTest(name):
                report = json.loads(path.read_text())
                commands = report["commands"]
                # A host that takes the core for longer than hold_after makes the follower approach anew, for some commands.
                self.assertGreater(commands["applied"] + commands["clamped"] + commands["rejected"], 1450)
                rows = report["pairs"][0]["rows"]
                self.assertEqual((rows[0]["first"], rows[-1]["last"]), (0, 1499))
                self.assertEqual(len(report["tracking"]["rms_rad"]), 7 if name.endswith("fr3") else 6)
                self.assertGreater(report["guards"]["start_alignment"], 0)

    def test_the_command_columns_and_a_degree_recording(self):
        data = pathlib.Path(os.environ["TAKT_DATA"])
        for arguments in (
            ["--leader", f"playback:{data}/so101_follower_tracking/wobble_line.csv", "--columns", "command", "--duration", "6"],
            # Degrees, and the gripper as an opening in percent: it moves the jaw, which no joint of the leader does.
            [self.file("gripper.toml", '[[pair]]\nleader = "synthetic"\nfollower = "sim:so101"\n[pair.map]\nreindex = [0,1,2,3,4,-1]\n'),
             "--leader", f"playback:{data}/so101_leader_teleop_excerpt/startled_first_32.csv", "--columns", "action"],
        ):
            with self.subTest(arguments=arguments):
                result = run("teleop", *arguments, "--follower", "sim:so101", "--quiet")
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_recording_played_slowly_is_still_followed_row_by_row(self):
        rows = [f"{k / 60:.6f},{0.001 * k:.6f},0,0,0,0,0" for k in range(20)]
        names = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")
        recording = self.file("slow.csv", csv(rows, "t_s," + ",".join(f"target_{name}_rad" for name in names)))
        report = self.folder / "report.json"
        result = run("teleop", "--leader", f"playback:{recording}", "--follower", "sim:so101", "--speed", "0.1", "--report", report, "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)
        told = json.loads(report.read_text())
        # A row is lost where the host takes the processor from who reads, and the bus with it.
        self.assertEqual(told["commands"]["applied"] + told["guards"]["write_busy"], 20)
        self.assertEqual(told["guards"]["stale_leader_hold"], 0)


if __name__ == "__main__":
    unittest.main()
