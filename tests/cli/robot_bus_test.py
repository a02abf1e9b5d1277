"""takt teleop and takt serve on a bus: what the tools of ROS 2 would see and send, with takt topic and takt service.

TAKT: the program. BUSES: what this build has of dds and zmq, separated by commas.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

TAKT = os.environ["TAKT"]
BUSES = os.environ["BUSES"].split(",")
# Another test may be in the same domain: nobody without this tag is heard.
TAG = f'<CycloneDDS><Domain Id="any"><Discovery><Tag>takt-robots-{os.getpid()}</Tag></Discovery></Domain></CycloneDDS>'
HOME = [0.0, -0.7854, 0.0, -2.3562, 0.0, 1.5708, 0.7854]


def trajectory(names, positions, seconds):
    point = {"positions": positions, "time_from_start": {"sec": seconds, "nanosec": 0}}
    return json.dumps({"joint_names": names, "points": [point]})


class OnBus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ROS_")} | {
            "XDG_RUNTIME_DIR": folder.name, "XDG_STATE_HOME": folder.name, "CYCLONEDDS_URI": TAG}
        if "dds" in BUSES:
            self.uri = f"dds://?domain={1 + os.getpid() % 100}"
            self.options = ["--bus", self.uri, "--insecure"]
        else:
            self.uri = f"zmq+ipc://{folder.name}/bus"
            self.options = ["--bus", self.uri + "?bind"]

    def start(self, *arguments):
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        process = subprocess.Popen([TAKT, *arguments, *self.options], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def takt(self, *arguments, bus=True):
        result = subprocess.run([TAKT, *arguments, *(["--bus", self.uri] if bus else [])], env=self.environment,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr + self.said())
        return result.stdout

    def state(self, robot):
        line = self.takt("topic", "echo", f"/{robot}/joint_states", "sensor_msgs/msg/JointState", "--once", "--json")
        return json.loads(line.splitlines()[0])

    def send(self, robot, names, positions, seconds):
        self.takt("topic", "pub", "--once", f"/{robot}/joint_trajectory", "trajectory_msgs/msg/JointTrajectory",
                  trajectory(names, positions, seconds))

    def said(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def wait_for(self, what, condition):
        deadline = time.monotonic() + 60  # only a broken program takes so long
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}: not in a minute; it said:\n{self.said()}")
            time.sleep(0.05)

    def wait_until_said(self, words):
        self.wait_for(f"'{words}' is said", lambda: words in self.said())

    def wait_until_at(self, robot, there):
        self.wait_for(f"{robot} is at {there}",
                      lambda: all(abs(is_ - wanted) < 0.02 for is_, wanted in zip(self.state(robot)["position"], there)))


class Teleoperation(OnBus):
    def test_its_robots_are_seen_and_a_follower_that_nobody_leads_is_moved(self):
        teleop = self.start("teleop", "--duration", "200")
        follower = self.state("follower")
        names = follower["name"]
        self.assertEqual((len(names), len(follower["position"]), len(follower["velocity"])), (7, 7, 7))
        self.assertAlmostEqual(follower["header"]["stamp"]["sec"], time.time(), delta=60)
        self.assertEqual(self.state("leader")["name"], names)
        topics = self.takt("topic", "list", "-t")
        self.assertIn("/leader/joint_states [sensor_msgs/msg/JointState]", topics)
        self.assertIn("/follower/joint_trajectory [trajectory_msgs/msg/JointTrajectory]", topics)
        for own in ("/leader/state", "/follower/state", "/follower/action"):
            self.assertIn(own, topics)

        self.send("follower", names, HOME, 4)
        self.wait_until_said("follower: trajectory refused: follower is commanded by teleop")
        self.takt("service", "call", "/follower/clutch", "std_srvs/srv/SetBool", '{"data": false}')
        self.send("follower", ["elbow"] + names[1:], HOME, 4)
        self.wait_until_said("there is no joint 'elbow'")
        there = [HOME[0] + 0.2, *HOME[1:]]
        self.send("follower", names[::-1], there[::-1], 4)
        self.wait_until_said("follower: moves along a trajectory of 1 points")
        self.wait_until_at("follower", there)
        closing = self.takt("service", "call", "/follower/clutch", "std_srvs/srv/SetBool", '{"data": true}')
        self.assertIn("a clutch is not closed from a bus", closing)

        teleop.send_signal(signal.SIGINT)
        output = teleop.communicate(timeout=60)[0]
        self.assertEqual(teleop.returncode, 0, self.said())
        self.assertRegex(output, r"follower: \d+ states shown, 1 trajectories taken, 2 refused")

    def test_a_file_names_its_buses(self):
        path = self.folder / "run.toml"
        path.write_text(f'bus = ["{self.options[1]}"]\ninsecure = true\n[[pair]]\nname = "left"\nfollower = "sim:so101"\n')
        self.options = []
        self.start("teleop", str(path), "--duration", "200", "--quiet")
        self.assertEqual(self.state("left_follower")["name"][-1], "gripper")


class Server(OnBus):
    def test_its_arm_is_seen_and_moved_while_nobody_commands_it(self):
        server = self.start("serve", "--tolerate-host-stalls", "--arm", "sim:fr3")
        self.assertIn("serving", server.stdout.readline())
        names = [f"joint{i}" for i in range(1, 8)]
        self.takt("home", bus=False)
        state = self.state("fr3")
        self.assertEqual(len(state["effort"]), 7)
        self.send("fr3", names, HOME, 1)
        self.wait_until_said("fr3: trajectory")
        names = state["name"]
        there = [HOME[0] + 0.3, *HOME[1:]]
        self.send("fr3", names, there, 4)
        self.wait_until_at("fr3", there)
        self.wait_for("nobody commands", lambda: "commander: nobody" in self.takt("status", bus=False))
        self.takt("stop", bus=False)
        self.assertEqual(server.wait(timeout=30), 0, self.said())


class WrongUsage(OnBus):
    def refuse(self, words, *arguments):
        result = subprocess.run([TAKT, *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=60)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_a_malformed_uri_exits_2_with_the_part_at_fault(self):
        for uri, words in (
            ("nonsense", "'://' is missing"),
            ("carrier+pigeon://roof", "'carrier+pigeon' is no transport"),
            ("udp://127.0.0.1:99999", "'99999' is no port"),
            ("udp://127.0.0.1:7400?hops=many", "hops: 'many' is no number"),
            ("udp://127.0.0.1:7400?color=red", "'color' is no option of udp"),
            ("udp://127.0.0.1", "want udp://host:port"),
        ):
            with self.subTest(uri=uri):
                self.refuse("--bus: ", "teleop", "--bus", uri)
                self.refuse(words, "teleop", "--bus", uri)
                self.refuse(words, "serve", "--arm", "sim:fr3", "--insecure", "--bus", "udp://127.0.0.1:9", "--bus", uri)

    def test_a_bus_that_others_may_speak_on_is_refused_unless_they_may(self):
        (self.folder / "shared").mkdir()
        (self.folder / "shared").chmod(0o711)
        uris = [("udp://239.255.0.7:7400", "everybody who reaches this network"),
                ("udp://127.0.0.1:7400", "every user of this host")]
        if "dds" in BUSES:
            self.environment.pop("CYCLONEDDS_URI")
            uris += [("dds://", "every user of this host"), ("dds://?range=subnet", "everybody who reaches this network")]
        if "zmq" in BUSES:
            uris += [("zmq+tcp://*:5555", "everybody who reaches this network"),
                     (f"zmq+ipc://{self.folder}/shared/bus?bind", "every user of this host")]
        for uri, who in uris:
            with self.subTest(uri=uri):
                self.refuse(f"--bus: '{uri}' lets {who} move the followers: ", "teleop", "--bus", uri)
                self.refuse(f"--bus: '{uri}' lets {who} move the arm: ", "serve", "--arm", "sim:fr3", "--bus", uri)
                self.refuse("say --insecure when they may", "teleop", "--bus", uri)

    def test_in_a_file_a_bus_that_others_may_speak_on_is_refused_too(self):
        path = self.folder / "run.toml"
        path.write_text('bus = ["udp://127.0.0.1:7400"]\n[[pair]]\n')
        self.refuse(f"{path}:1: bus: 'udp://127.0.0.1:7400' lets every user of this host", "teleop", str(path))

    @unittest.skipUnless("zmq" in BUSES, "this build has no ZeroMQ")
    def test_a_bus_that_this_user_alone_reaches_moves_arms_without_further_words(self):
        self.uri = f"zmq+ipc://{self.folder}/bus"
        self.options = ["--bus", self.uri + "?bind"]
        self.start("teleop", "--duration", "200", "--quiet")
        self.assertEqual(len(self.state("follower")["name"]), 7)

    def test_in_a_file_it_is_told_with_its_line(self):
        path = self.folder / "run.toml"
        path.write_text('quiet = true\nbus = ["udp://127.0.0.1:x"]\n[[pair]]\n')
        self.refuse(f"{path}:2: bus: bus 'udp://127.0.0.1:x': 'x' is no port", "teleop", str(path))

    def test_a_server_on_a_bus_wants_a_name_that_a_topic_may_have(self):
        self.refuse("--name: 'my-arm' is no part of a topic", "serve", "--arm", "sim:fr3", "--name", "my-arm", "--insecure",
                    "--bus", "udp://127.0.0.1:9")


if __name__ == "__main__":
    unittest.main()
