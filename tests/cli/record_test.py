"""takt record as a user meets it: real processes, terminals, signals and full disks.

TAKT: the program. READ: a program that tells what a recording holds, by takt's own reader. TAKT_DATA: recordings of real
robots; tests that want them are skipped where it is not set.
"""

import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAKT = os.environ["TAKT"]
READ = os.environ["READ"]
KINDS = {"/leader/leader", "/follower/mapped", "/follower/guarded", "/follower/sent", "/follower/read_back"}


def record(*arguments, timeout=90, **options):
    return subprocess.run([TAKT, "record", *map(str, arguments)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, **options)


def read(path):
    told = subprocess.run([READ, str(path)], capture_output=True, text=True, timeout=60)
    if told.returncode != 0:
        raise AssertionError(told.stderr)
    return json.loads(told.stdout)


def frames_of(recording):
    return {channel["topic"]: channel["frames"] for channel in recording["channels"]}


class Temporary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "pick.mcap"


class WithoutATerminal(Temporary):
    def test_a_run_is_one_episode_from_its_begin_to_its_end(self):
        report = self.folder / "report.json"
        result = record("--duration", "2", "-o", self.file, "--task", "wave at nobody", "--report", report)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("1 episode,", result.stdout)
        self.assertIn(", 0 dropped", result.stdout)
        recording = read(self.file)
        self.assertFalse(recording["recovered"])
        self.assertEqual(len(recording["episodes"]), 1)
        episode = recording["episodes"][0]
        self.assertEqual((episode["task"], episode["success"], episode["ended"], episode["discarded"]), ("wave at nobody", None, True, False))
        frames = frames_of(recording)
        self.assertEqual(set(frames), KINDS)
        commands = json.loads(report.read_text())["commands"]
        taken = commands["applied"] + commands["clamped"] + commands["aligning"]
        self.assertEqual(frames["/follower/sent"], taken, "what the follower took is what was recorded as sent")
        self.assertGreaterEqual(frames["/leader/leader"], frames["/follower/sent"])
        self.assertGreater(frames["/follower/read_back"], 100)

    def test_every_value_of_a_command_has_the_trace_id_of_the_state_it_came_from(self):
        self.assertEqual(record("--duration", "1.5", "-o", self.file, "--quiet").returncode, 0)
        joined = read(self.file)["joined"]
        self.assertGreater(joined["commands"], 50)
        self.assertEqual(joined["without_leader"], 0)
        self.assertEqual(joined["out_of_order"], 0, "leader, mapped, guarded, sent: each has a later stamp of its own")

    def test_modes_engagement_and_statistics_are_told(self):
        self.assertEqual(record("--duration", "3.5", "-o", self.file, "--quiet").returncode, 0)
        events = read(self.file)["events"]
        self.assertEqual([mode["text"] for mode in events["/takt/mode"]], ["teleop", "idle"])
        self.assertIn("engaged", [phase["text"] for phase in events["/takt/engaged"]])
        statistics = events["/takt/statistics"]
        self.assertGreaterEqual(len(statistics), 3)
        self.assertGreater(statistics[-1]["data"]["pairs"][0]["applied"], 100)
        self.assertNotIn("/takt/fault", {topic for topic, told in events.items() if told})

    def test_the_configuration_in_force_is_in_the_file_and_can_be_run_again(self):
        config = ROOT / "examples" / "teleop" / "so101_playback.toml"
        self.assertEqual(record(config, "--duration", "1", "--speed", "0.5", "-o", self.file, "--quiet").returncode, 0)
        text = read(self.file)["configuration"]
        self.assertIn("speed = 0.5", text)
        again = self.folder / "again.toml"
        again.write_text(text)
        result = record(again, "-o", self.folder / "again.mcap")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(read(self.folder / "again.mcap")["configuration"], text)

    def test_each_compression_says_the_same(self):
        sizes = {}
        for compression in ("none", "lz4", "zstd"):
            path = self.folder / f"{compression}.mcap"
            self.assertEqual(record("--duration", "1", "-o", path, "--compression", compression, "--quiet").returncode, 0)
            self.assertEqual(set(frames_of(read(path))), KINDS)
            sizes[compression] = path.stat().st_size
        self.assertLess(sizes["zstd"], sizes["none"])

    def test_with_fsync_it_is_recorded_as_well(self):
        result = record("--duration", "1", "-o", self.file, "--fsync")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(frames_of(read(self.file))["/follower/sent"], 20)

    def test_its_threads_are_those_of_teleop_and_rec(self):
        report = self.folder / "report.json"
        self.assertEqual(record("--duration", "1", "-o", self.file, "--report", report, "--quiet").returncode, 0)
        threads = set(json.loads(report.read_text())["threads"])
        self.assertEqual(threads, {"takt", "pub.leader", "pub.follower", "sim.fr3", "rt.fr3", "rec"})

    def test_ctrl_c_ends_the_episode_and_the_file(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            path = self.folder / f"{sent}.mcap"
            with subprocess.Popen([TAKT, "record", "-o", str(path)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
                self.assertIn("frames", process.stdout.readline())
                process.send_signal(sent)
                process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0)
            recording = read(path)
            self.assertFalse(recording["recovered"])
            self.assertTrue(recording["episodes"][0]["ended"])


class Terminal:
    """takt record on a terminal of its own."""

    def __init__(self, *arguments):
        self.lead, follow = pty.openpty()
        self.process = subprocess.Popen([TAKT, "record", *map(str, arguments)], cwd=ROOT, stdin=follow, stdout=follow, stderr=follow,
                                        start_new_session=True, preexec_fn=lambda: self._own(follow))
        os.close(follow)
        self.text = ""

    @staticmethod
    def _own(follow):
        import fcntl
        import termios
        fcntl.ioctl(follow, termios.TIOCSCTTY, 0)

    def wait_for(self, pattern, timeout=30):
        end = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            if time.monotonic() > end:
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
            ready, _, _ = select.select([self.lead], [], [], 0.2)
            if ready:
                try:
                    self.text += os.read(self.lead, 65536).decode(errors="replace")
                except OSError:
                    raise AssertionError(f"it ended; no {pattern!r} in {self.text!r}") from None

    def press(self, key, pattern):
        """A key, and what it must say; what was said before does not count."""
        self.text = ""
        os.write(self.lead, key.encode())
        self.wait_for(pattern)

    def end(self):
        while True:
            try:
                if not os.read(self.lead, 65536):
                    break
            except OSError:
                break
        os.close(self.lead)
        return self.process.wait(timeout=30)


class OnATerminal(Temporary):
    def test_keys_start_end_mark_and_discard_episodes_and_q_quits(self):
        terminal = Terminal("-o", self.file, "--task", "pick")
        terminal.wait_for("s start, e end, d discard, m mark as a success, q quit")
        terminal.press("e", "no episode is open")
        terminal.press("s", "episode 1 begins")
        terminal.press("m", "episode 1 is a success")
        terminal.press("e", "episode 1 ended")
        terminal.press("s", "episode 2 begins")
        terminal.press("s", "episode 2 is open")
        terminal.press("d", "episode 2 discarded")
        terminal.press("s", "episode 3 begins")
        terminal.press("x", "s start")
        os.write(terminal.lead, b"q")
        self.assertEqual(terminal.end(), 0)
        episodes = read(self.file)["episodes"]
        self.assertEqual([(e["number"], e["success"], e["discarded"], e["ended"], e["task"]) for e in episodes],
                         [(1, True, False, True, "pick"), (2, None, True, True, "pick"), (3, None, False, True, "pick")])
        self.assertTrue(all(sum(episode["frames"]) > 0 for episode in episodes[:1]))

    def test_the_terminal_echoes_again_afterwards(self):
        import termios
        terminal = Terminal("-o", self.file)
        terminal.wait_for("q quit")
        self.assertFalse(termios.tcgetattr(terminal.lead)[3] & termios.ECHO)
        attributes = None
        os.write(terminal.lead, b"q")
        end = time.monotonic() + 30
        while terminal.process.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([terminal.lead], [], [], 0.05)
            try:
                attributes = termios.tcgetattr(terminal.lead)[3]
                if ready:
                    os.read(terminal.lead, 65536)
            except OSError:
                break
        attributes = termios.tcgetattr(terminal.lead)[3]  # as it left them: the last of the loop may be from before
        self.assertTrue(attributes & termios.ECHO)
        self.assertEqual(terminal.end(), 0)


class Killed(Temporary):
    def test_the_file_of_a_killed_run_is_read_by_itself_and_has_every_whole_chunk(self):
        with subprocess.Popen([TAKT, "record", "-o", str(self.file)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(2):  # a line per second
                self.assertIn("frames", process.stdout.readline())
            process.kill()
        recording = read(self.file)
        self.assertTrue(recording["recovered"])
        self.assertFalse(recording["episodes"][0]["ended"])
        frames = frames_of(recording)
        self.assertEqual(set(frames), KINDS)
        self.assertGreater(min(frames.values()), 0)


def limit_files(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class FullDisk(Temporary):
    """A clear fault of the recording; the robots go on to the end of their run."""

    def check(self, result, report):
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("pick.mcap", result.stderr)
        self.assertIn("the robots go on", result.stderr)
        told = json.loads(report.read_text())
        self.assertGreater(told["duration_s"], 2.9)
        self.assertEqual(told["fault"], "")
        self.assertGreater(told["commands"]["applied"] + told["commands"]["clamped"] + told["commands"]["aligning"], 200)

    def test_a_limit_of_the_files_size(self):
        report = self.folder / "report.json"

        result = record("--duration", "3", "-o", self.file, "--report", report, "--quiet", "--compression", "none", preexec_fn=lambda: limit_files(100_000))
        self.check(result, report)
        self.assertIn("File too large", result.stderr)
        self.assertGreater(frames_of(read(self.file))["/follower/sent"], 0, "what was written before is good")

    def test_from_the_beginning_it_leaves_no_file_in_the_way_of_the_next_attempt(self):
        result = record("--duration", "1", "-o", self.file, preexec_fn=lambda: limit_files(0))
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)
        self.assertIn("File too large", result.stderr)
        self.assertFalse(self.file.exists())

    def test_a_full_file_system(self):
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            self.skipTest("no right to make a mount namespace")
        report = self.folder / "report.json"
        small = self.folder / "small"
        small.mkdir()
        left = self.folder / "left.mcap"
        script = f"""mount -t tmpfs -o size=128k none '{small}' || exit 77
            '{TAKT}' record --duration 3 -o '{small}/pick.mcap' --report '{report}' --quiet --compression none; code=$?
            cp '{small}/pick.mcap' '{left}'; exit $code"""
        result = subprocess.run(["unshare", "-m", "sh", "-c", script], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if result.returncode == 77:
            self.skipTest("no right to mount a file system")
        self.check(result, report)
        self.assertIn("No space left", result.stderr)
        self.assertGreater(frames_of(read(left))["/follower/sent"], 0, "what was written before is good")


class BadInput(Temporary):
    """One line with the place, exit 2, nothing started."""

    def refuse(self, says, *arguments):
        result = record(*arguments, timeout=20)
        self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result.stderr)
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_a_recording_that_is_there_already_is_left_alone(self):
        self.file.write_text("old")
        self.refuse("is there already", "-o", self.file)
        self.assertEqual(self.file.read_text(), "old")

    def test_no_or_bad_output(self):
        self.refuse("--output", "--duration", "1")
        self.refuse("cannot be written", "-o", "/does/not/exist/pick.mcap")
        self.refuse("cannot be written", "-o", self.folder)
        self.refuse("--report's file", "-o", self.file, "--report", self.file)
        self.refuse("--compression", "-o", self.file, "--compression", "brick")

    def test_a_bad_configuration_leaves_no_file(self):
        self.refuse("there is no model 'fr4'", "-o", self.file, "--follower", "sim:fr4")
        self.assertFalse(self.file.exists())


@unittest.skipUnless(os.environ.get("TAKT_DATA"), "skipped: no recordings (TAKT_DATA)")
class RealRecordings(Temporary):
    def test_a_played_recording_keeps_its_own_time_beside_ours(self):
        data = pathlib.Path(os.environ["TAKT_DATA"]) / "so101_follower_tracking" / "circle.csv"
        result = record("examples/teleop/so101_playback.toml", "--leader", f"playback:{data}", "--duration", "6", "-o", self.file, "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)
        recording = read(self.file)
        self.assertEqual(recording["sources"]["rows"], recording["sources"]["rising"], "source_t_s rises with the leader's states")
        self.assertGreater(recording["sources"]["rows"], 100)


if __name__ == "__main__":
    unittest.main()
