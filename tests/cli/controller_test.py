"""takt serve and what asks it: real processes, their exit codes and words.

TAKT: the program. REMOTE_EXAMPLE: examples/controller/remote, where the examples were built.
"""

import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

TAKT = os.environ["TAKT"]
HOME = [0.0, -0.7854, 0.0, -2.3562, 0.0, 1.5708, 0.7854]


class Served(unittest.TestCase):
    """A runtime folder of the test's own, and the servers in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = os.environ | {"XDG_RUNTIME_DIR": folder.name, "XDG_STATE_HOME": str(self.folder / "state")}

    def run_takt(self, *arguments):
        return subprocess.run([TAKT, *map(str, arguments)], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=90)

    def serve(self, *arguments):
        # What is tested here is not whether this machine keeps 1 kHz.
        server = subprocess.Popen([TAKT, "serve", "--tolerate-host-stalls", *map(str, arguments)], env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, server)
        self.assertIn("serving", server.stdout.readline())
        return server

    def end(self, server):
        if server.poll() is None:
            server.kill()
        server.communicate()

    def file(self, text):
        path = self.folder / "robot.toml"
        path.write_text(text)
        return path

    def expect(self, code, words, *arguments):
        result = self.run_takt(*arguments)
        self.assertEqual(result.returncode, code, result.stderr + result.stdout)
        self.assertIn(words, result.stdout + result.stderr)

    def stop_safely(self, name):
        """A SafeStop packet (docs/formats/controller-protocol.md) of a client that is nobody."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(str(self.folder / "takt" / f"{name}.sock"))
            client.recv(1 << 16)
            client.send(struct.pack("<4sHHQ", b"TAKT", 1, 41, 1) + b"\x00\x01\x00\x00")
            client.recv(1 << 16)

    def wait_for(self, what, condition):
        deadline = time.monotonic() + 60  # only a broken program takes so long
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}: not in a minute")
            time.sleep(0.02)

    def joints(self):
        lines = self.run_takt("status").stdout.splitlines()
        return [float(word) for line in lines if "joints:" in line for word in line.split()[1:-1]]

    def files(self):
        return sorted(path.name for path in (self.folder / "takt").iterdir())


class Commands(Served):
    def test_an_arm_is_moved_home_halted_and_stopped(self):
        server = self.serve("--arm", "sim:fr3")
        self.expect(0, "stopped", "status")
        self.expect(0, "is at", "move", "--joints", "0.1,-0.7,0,-2.2,0,1.6,0.7")
        for there, wanted in zip(self.joints(), [0.1, -0.7, 0, -2.2, 0, 1.6, 0.7]):
            self.assertAlmostEqual(there, wanted, delta=0.02)
        self.expect(0, "is at", "move", "--pose", "0.4,0.1,0.5", "--speed", "0.8")
        self.expect(0, "is at", "home")
        for there, wanted in zip(self.joints(), HOME):
            self.assertAlmostEqual(there, wanted, delta=0.02)
        self.expect(0, "is held", "halt")
        self.expect(0, "nobody", "status")
        self.expect(0, "brakes", "stop")
        self.assertEqual(server.wait(timeout=30), 0)
        self.assertEqual(self.files(), [])

    def test_the_status_says_how_the_arm_kept_its_time_and_what_to_do_about_a_fault(self):
        self.serve("--arm", "sim:fr3")
        self.expect(0, "is at", "home")
        said = self.run_takt("status").stdout
        for word in ("commander: nobody", "law:       joint_impedance", "success:", "woken:", "computed:", "gaps:",
                     "misses:", "host", "arm", "slow", "thread:"):
            self.assertIn(word, said)

    def test_a_fault_leaves_its_evidence_at_once_and_the_status_says_what_to_do(self):
        self.serve("--arm", "sim:fr3")
        self.expect(0, "is at", "home")
        self.stop_safely("fr3")
        evidence = self.folder / "state" / "takt"
        self.wait_for("evidence is kept", lambda: list(evidence.glob("takt-fr3-*.csv")))
        self.expect(0, "takt home --recover", "status")
        self.expect(1, "safe stop", "home")
        self.expect(0, "is at", "home", "--recover")
        self.assertEqual(len(list(evidence.iterdir())), 1)

    def test_evidence_goes_where_it_is_sent_or_nowhere(self):
        for name, folder in (("kept", "faults"), ("lost", "")):
            self.serve("--arm", "sim:fr3", "--name", name, "--evidence", folder and self.folder / folder)
            self.expect(0, "is at", "home", "--robot", name)
            self.stop_safely(name)
        self.wait_for("evidence is kept", lambda: list((self.folder / "faults").glob("*.csv")))
        self.wait_for("a fault is told", lambda: "lost: faulted" in self.run_takt("status", "--robot", "lost").stdout)
        time.sleep(0.3)
        self.assertFalse((self.folder / "state").exists())
        self.assertEqual(len(list((self.folder / "faults").iterdir())), 1)

    def test_without_a_server_one_hears_how_to_start_one(self):
        for command in ("status", "home", "halt", "stop"):
            with self.subTest(command=command):
                self.expect(1, "takt serve", command)
        self.expect(1, "takt serve", "status", "--robot", "nobody")

    def test_of_several_servers_one_has_to_be_named(self):
        self.serve("--arm", "sim:fr3", "--name", "left")
        self.serve("--arm", "sim:fr3", "--name", "right")
        self.expect(2, "left, right", "home")
        self.expect(0, "right", "home", "--robot", "right")
        self.expect(2, "process", "serve", "--arm", "sim:fr3", "--name", "left")

    def test_bad_targets_exit_1_or_2_and_the_arm_goes_on(self):
        self.serve("--arm", "sim:fr3")
        self.expect(0, "is at", "home")
        self.expect(1, "7 joints", "move", "--joints", "0,1")
        self.expect(1, "no posture", "move", "--pose", "9,9,9")
        self.expect(2, "--joints or --pose", "move")
        self.expect(2, "--pose", "move", "--pose", "1,2")
        self.expect(2, "norm", "move", "--pose", "0.4,0,0.5,1,1,1,1")
        self.expect(0, "holding", "status")


@unittest.skipUnless("REMOTE_EXAMPLE" in os.environ, "no examples")
class Examples(Served):
    def test_a_program_commands_the_arm_of_a_server_again_and_again(self):
        self.serve("--arm", "sim:fr3", "--name", "shared")
        for _ in range(2):
            said = subprocess.run([os.environ["REMOTE_EXAMPLE"], "shared"], env=self.environment, check=True, timeout=90,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
            self.assertIn("shared: back home, and held", said)
        self.expect(0, "holding", "status")


class Serving(Served):
    def test_signals_end_it_with_the_brakes_on_and_exit_code_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                server = self.serve("--arm", "sim:fr3")
                self.expect(0, "is at", "home")
                server.send_signal(number)
                self.assertEqual(server.wait(timeout=30), 0)
                self.assertEqual(self.files(), [])

    def test_what_a_killed_server_left_is_replaced(self):
        server = self.serve("--arm", "sim:fr3")
        server.kill()
        server.wait()
        self.assertEqual(self.files(), ["fr3.lock", "fr3.sock"])
        self.expect(1, "takt serve", "status")
        self.serve("--arm", "sim:fr3")
        self.expect(0, "fr3", "status")

    def test_wrong_usage_exits_2(self):
        for arguments, words in (
            ([], "either --arm URI or --robot FILE"),
            (["--arm", "sim:fr3", "--robot", "x.toml"], "either"),
            (["--arm", "sim:so101"], "SO-101"),
            (["--arm", "warp:9"], "warp:9"),
            (["--arm", "sim:fr3", "--name", "a/b"], "a/b"),
            (["--arm", "sim:fr3", "--cpu", "4096"], "--cpu"),
            (["--arm", "sim:fr3", "--priority", "0"], "--priority"),
            (["--arm", "sim:fr3", "--bus", "nonsense"], "'://' is missing"),
            (["--arm", "sim:fr3", "--bus", "udp://*:5555"], "--insecure"),
            (["--arm", "sim:fr3", "--bus", "udp://[2001:db8::1]:5555"], "IPv4"),
        ):
            with self.subTest(arguments=arguments):
                self.expect(2, words, "serve", *arguments)

    def test_a_robot_file_says_it_all(self):
        self.serve("--robot", self.file("""
arm = "sim:fr3"
name = "grinder"
tolerate_host_stalls = true
evidence = "."
[law]
name = "joint_impedance"
stiffness_nm_rad = [600, 600, 600, 600, 250, 150, 50]
[tool]
pose = [0, 0, 0.1, 0, 0, 0, 1]
[payload]
mass_kg = 0.5
center_m = [0, 0, 0.05]
inertia_kg_m2 = [0.001, 0.001, 0.001, 0, 0, 0]
[limits]
budget_fraction = 0.3
[workspace]
lowest_m = [-1, -1, 0]
highest_m = [1, 1, 1.5]
[freshness]
valid_for_s = 0.2
hold_after_s = 0.1
halt_after_s = 0.4
[realtime]
cpu = 0
priority = 70
ledger_sentinel = true
"""), "--priority", "71")
        self.expect(0, "is at", "home", "--robot", "grinder")
        self.expect(1, "workspace", "move", "--pose", "0.4,0,-0.2")
        self.expect(0, "joint_impedance", "status")

    def test_what_is_wrong_in_a_robot_file_is_said_with_file_line_and_field(self):
        for text, where in (
            ("", "robot.toml:1: arm"),
            ('arm = "sim:fr3"\nwings = 2\n', "robot.toml:2: wings"),
            ('arm = "sim:fr3"\n[limits]\nbudget_fraction = 3\n', "robot.toml:3: limits.budget_fraction"),
            ('arm = "sim:fr3"\n[limits]\njerk_m_s3 = -1\n', "robot.toml:3: limits.jerk_m_s3"),
            ('arm = "sim:fr3"\n[workspace]\nlowest_m = [1, 0, 0]\nhighest_m = [0, 1, 1]\n',
             "robot.toml:3: workspace.lowest_m"),
            ('arm = "sim:fr3"\n[freshness]\nhold_after_s = 2\nhalt_after_s = 1\n', "robot.toml:3: freshness.hold_after_s"),
            ('arm = "sim:fr3"\n[law]\nname = "magic"\n', "robot.toml:3: law.name"),
            ('arm = "sim:fr3"\n[law]\nname = "joint_pid"\nstiffness = [1]\n', "robot.toml:4: law.stiffness"),
            ('arm = "sim:fr3"\n[law]\nname = "joint_pid"\ninertial_damping_1_s = [1, 2]\n', "law.inertial_damping_1_s"),
            ('arm = "sim:fr3"\n[realtime]\npriority = 0\n', "robot.toml:3: realtime.priority"),
            ('arm = "sim:fr3"\n[realtime]\ncpu = 4096\n', "robot.toml:3: realtime.cpu"),
            ('arm = "sim:fr3"\n[tool]\npose = [0, 0, 0, 1, 1, 1, 1]\n', "robot.toml:3: tool.pose"),
            ('arm = "sim:fr3"\n[payload]\nmass_kg = -1\n', "robot.toml:3: payload.mass_kg"),
            ("arm = [", "robot.toml:1"),
        ):
            with self.subTest(text=text):
                self.expect(2, where, "serve", "--robot", self.file(text))
        self.expect(2, "no-such", "serve", "--robot", "/no-such-file.toml")
        self.expect(2, "stiffness_nm_rad", "serve", "--robot", self.file(
            'arm = "sim:fr3"\n[law]\nname = "joint_impedance"\nstiffness_nm_rad = [-1, 1, 1, 1, 1, 1, 1]\n'))


if __name__ == "__main__":
    unittest.main()
