"""takt topic, node, service, action and param on real buses: real processes, their exit codes and words.

TAKT: the program. ROS_PEER: tests/cli/ros_peer.cpp. BUSES: what this build has of dds and zmq, separated by commas.
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
DOMAIN = str(1 + os.getpid() % 100)
# Another test may be in the same domain: nobody without this tag is heard.
TAG = f'<CycloneDDS><Domain Id="any"><Discovery><Tag>takt-cli-{os.getpid()}</Tag></Discovery></Domain></CycloneDDS>'
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ROS_")} | {
    "ROS_DOMAIN_ID": DOMAIN, "CYCLONEDDS_URI": TAG}


class Bus:
    """Commands on one bus; the peer is at one end of it. Subclasses say which."""

    peer_uri: str
    uri: str

    def setUp(self):
        self.peer = self.start([os.environ["ROS_PEER"], self.peer_uri])
        self.assertEqual(self.peer.stdout.readline(), "ready\n")

    def start(self, command):
        process = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def takt(self, *arguments):
        group, command, *others = arguments
        return subprocess.run([TAKT, group, command, "--bus", self.uri, *others], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def lines(self, *arguments):
        result = self.takt(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.splitlines()

    def seen(self, wanted, *arguments):
        """What a list says once it has `wanted`: discovery takes its time on a busy machine."""
        deadline = time.monotonic() + 60
        while wanted not in (lines := self.lines(*arguments)):
            self.assertLess(time.monotonic(), deadline, f"{arguments}: no '{wanted}' in a minute, but {lines}")
        return lines

    def fails(self, code, words, *arguments):
        result = self.takt(*arguments)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertIn(words, result.stderr)
        return result.stdout

    def test_topics_are_listed_with_their_types(self):
        lines = self.seen("/gauge [demo_msgs/msg/Gauge]", "topic", "list", "-t")
        self.assertIn("/point [geometry_msgs/msg/PointStamped]", lines)
        self.assertIn("/heard [std_msgs/msg/String]", lines)
        self.assertNotIn("_takt", "".join(lines))
        as_json = json.loads(self.lines("topic", "list", "--json")[0])
        self.assertIn({"name": "/gauge", "types": ["demo_msgs/msg/Gauge"]}, as_json)

    def test_a_topic_is_told_of_with_both_its_ends(self):
        self.seen("/point", "topic", "list")
        self.assertIn("Type: geometry_msgs/msg/PointStamped", self.lines("topic", "info", "/point"))
        self.assertIn("Publishers: 1", self.lines("topic", "info", "point"))
        report = json.loads(self.lines("topic", "info", "/heard", "--json")[0])
        self.assertEqual([one["node"] for one in report["subscriptions"]], ["/peer"])
        self.assertEqual(report["subscriptions"][0]["reliability"], "reliable")
        self.assertTrue(report["subscriptions"][0]["hash"].startswith("RIHS01_"))
        self.fails(1, "nobody has the topic /nothing", "topic", "info", "/nothing")

    def test_nodes_are_listed_and_told_of(self):
        self.assertEqual(self.seen("/peer", "node", "list"), ["/peer"])
        self.seen("/gauge", "topic", "list")
        report = json.loads(self.lines("node", "info", "/peer", "--json")[0])
        self.assertIn({"name": "/gauge", "types": ["demo_msgs/msg/Gauge"]}, report["publishers"])
        self.assertIn({"name": "/set_bool", "types": ["std_srvs/srv/SetBool"]}, report["servers"])
        self.assertIn("    /heard: std_msgs/msg/String", self.lines("node", "info", "peer"))
        self.fails(1, "there is no node /nobody", "node", "info", "/nobody")

    def test_messages_of_a_type_that_only_the_peer_knows_are_shown(self):
        message = json.loads(self.lines("topic", "echo", "/gauge", "--once", "--json")[0])
        self.assertEqual(message, {"label": "left", "points": [{"x": 1, "y": 2, "z": 0.5}], "scale": 2})
        self.assertEqual(self.lines("topic", "echo", "/gauge", "--count", "1"),
                         ["label: left", "points:", "  - x: 1", "    y: 2", "    z: 0.5", "scale: 2", "---"])

    def test_a_rate_and_a_delay_are_measured(self):
        rate = json.loads(self.lines("topic", "hz", "/gauge", "--count", "20", "--json")[-1])
        self.assertEqual(rate["window"], 19)
        self.assertGreater(rate["average_hz"], 0)
        self.assertLessEqual(rate["min_s"], rate["max_s"])
        delay = json.loads(self.lines("topic", "delay", "/point", "--count", "5", "--json")[-1])
        self.assertEqual(delay["window"], 5)
        self.assertGreater(delay["average_s"], 0)
        self.fails(2, "no header", "topic", "delay", "/gauge")

    def test_a_message_is_published_to_the_peer(self):
        lines = self.lines("topic", "pub", "--once", "/heard", "std_msgs/String", '{"data": "you"}')
        self.assertEqual(lines, ['publishing #1: {"data": "you"}'])
        self.assertEqual(self.peer.stdout.readline(), "heard you\n")
        self.lines("topic", "pub", "--count", "2", "-r", "50", "/gauges", "demo_msgs/msg/Gauge", '{"label": "a"}')
        self.assertEqual(self.peer.stdout.readline(), "gauge a 1.5\n", "what is not said has the type's default")
        self.assertEqual(self.peer.stdout.readline(), "gauge a 1.5\n")

    def test_services_are_listed_and_called(self):
        self.seen("/set_bool [std_srvs/srv/SetBool]", "service", "list", "-t")
        for value, message in ((True, "on"), (False, "off")):
            lines = self.lines("service", "call", "--json", "/set_bool", "std_srvs/srv/SetBool",
                               json.dumps({"data": value}))
            self.assertEqual(json.loads(lines[0]), {"success": value, "message": message})
        lines = self.lines("service", "call", "/add", "demo_msgs/srv/Add", '{"a": 40, "b": 2}')
        self.assertEqual(lines, ["request:", "a: 40", "b: 2", "", "response:", "sum: 42"])

    def test_actions_are_listed(self):
        self.assertIn("/fibonacci [example_interfaces/action/Fibonacci]",
                      self.seen("/count [demo_msgs/action/Count]", "action", "list", "-t"))
        self.assertIn({"name": "/count", "types": ["demo_msgs/action/Count"]},
                      json.loads(self.lines("action", "list", "--json")[0]))

    def test_a_goal_is_sent_and_followed_to_its_end(self):
        lines = self.lines("action", "send-goal", "/fibonacci", "example_interfaces/Fibonacci", '{"order": 5}')
        self.assertEqual(lines[:2], ["goal:", "order: 5"])
        self.assertRegex(lines[3], "^goal accepted: [0-9a-f]{32}$")
        self.assertEqual(lines[5:-2], ["result:", "sequence:", *(f"  - {i}" for i in (0, 1, 1, 2, 3, 5))])
        self.assertEqual(lines[-1], "goal succeeded")

    def test_feedback_is_shown_of_a_type_that_only_the_peer_knows(self):
        lines = self.lines("action", "send-goal", "-f", "--json", "/count", "demo_msgs/action/Count", '{"to": 100}')
        self.assertEqual(json.loads(lines[-1]), {"status": 4, "result": {"reached": 100}})
        told = [json.loads(line)["feedback"]["now"] for line in lines[:-1]]
        self.assertTrue(told and told == sorted(set(told)) and told[-1] <= 100, told)

    def test_an_interrupted_goal_is_cancelled(self):
        sender = self.start([TAKT, "action", "send-goal", "--bus", self.uri, "-f", "/count", "demo_msgs/action/Count",
                             '{"to": 1000000}'])
        while sender.stdout.readline() != "feedback:\n":  # the test as a whole has a limit
            self.assertIsNone(sender.poll())
        sender.send_signal(signal.SIGINT)
        self.assertTrue(sender.communicate(timeout=60)[0].endswith("\ngoal canceled\n"))
        self.assertEqual(sender.returncode, 0, "being interrupted is how it is meant to end")
        self.assertEqual(self.peer.stdout.readline(), "canceled\n")

    def test_a_goal_that_takes_too_long_is_cancelled(self):
        goal = ["action", "send-goal", "/count", "demo_msgs/action/Count", '{"to": 1000000}', "--timeout", "2"]
        said = self.fails(1, "no result within 2 s", *goal)
        if "goal accepted" in said:  # else the host was too slow for that
            self.assertTrue(said.endswith("\ngoal canceled\n"), said)

    def test_goals_that_are_none_and_rejected_ones_are_said(self):
        self.fails(1, "the goal was rejected", "action", "send-goal", "/count", "demo_msgs/action/Count", '{"to": 0}')
        self.fails(2, "goal.from: the type has no such member", "action", "send-goal", "/count",
                   "demo_msgs/action/Count", '{"from": 0}')
        self.fails(2, "VALUES", "action", "send-goal", "/fibonacci", "example_interfaces/Fibonacci", '{"order": 1')
        self.fails(1, "no result", "action", "send-goal", "/nobody", "example_interfaces/Fibonacci", "--timeout", "0.2")

    def test_parameters_are_listed_and_told(self):
        names = self.lines("param", "list", "/peer")
        self.assertEqual(names, ["bytes", "gain", "joints", "pid.i", "pid.p", "start_type_description_service", "title",
                                 "unset", "use_sim_time"])
        self.assertEqual(self.seen("/peer:", "param", "list"), ["/peer:", *("  " + name for name in names)])
        self.assertEqual(json.loads(self.lines("param", "list", "--json")[0]), [{"node": "/peer", "parameters": names}])
        self.assertEqual(self.lines("param", "get", "peer", "gain"), ["double value is: 2.0"])
        self.assertEqual(self.lines("param", "get", "/peer", "joints", "--hide-type"), ['[shoulder, "1"]'])
        self.assertEqual(json.loads(self.lines("param", "get", "/peer", "bytes", "--json")[0]),
                         {"name": "bytes", "type": "byte array", "value": [1, 255]})
        self.fails(1, "nothing is not set", "param", "get", "/peer", "nothing")
        self.fails(1, "no node /nobody", "param", "get", "/nobody", "gain", "--timeout", "0.2")

    def test_parameters_are_set(self):
        for name, value, shown in (("gain", "3", "3.0"), ("pid.i", "-1", "-1"), ("title", '"7"', '"7"'),
                                   ("bytes", "[0, 17]", "[0, 17]"), ("joints", "[]", "[]"), ("unset", "yes", "true")):
            with self.subTest(name=name):
                self.assertEqual(self.lines("param", "set", "/peer", name, value), [f"Set parameter {name} successful"])
                self.assertEqual(self.lines("param", "get", "/peer", name, "--hide-type"), [shown])
        self.fails(1, "gain failed: ", "param", "set", "/peer", "gain", "11.0")
        self.fails(1, "cannot be set to a string", "param", "set", "/peer", "gain", "much")
        self.fails(1, "read-only", "param", "set", "/peer", "start_type_description_service", "false")
        self.fails(2, "the quotes of 'a do not end", "param", "set", "/peer", "title", "'a")
        self.assertEqual(self.lines("param", "get", "/peer", "gain"), ["double value is: 3.0"])

    def test_a_parameter_file_is_written_and_read(self):
        dumped = self.lines("param", "dump", "/peer")
        self.assertEqual(dumped, [
            "/peer:", "  ros__parameters:", "    bytes: [1, 255]", "    gain: 2.0", '    joints: [shoulder, "1"]',
            "    pid:", "      i: 0", "      p: 1.5", "    start_type_description_service: true",
            '    title: "left: arm"', "    unset: null", "    use_sim_time: false"])
        self.assertEqual(json.loads(self.lines("param", "dump", "/peer", "--json")[0])["pid.p"], 1.5)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            changed = [line.replace("gain: 2.0", "gain: 9  # more").replace("p: 1.5", "p: 99.5") for line in dumped]
            file.write("\n".join(["/**:", "  ros__parameters:", "    gain: 1.0", *changed]))
            file.flush()
            said = self.lines("param", "load", "/peer", file.name)
            self.assertIn("Set parameter gain successful", said)
            self.assertIn("Set parameter title successful (unchanged)", said)
            now = json.loads(self.lines("param", "dump", "/peer", "--json")[0])
            self.assertEqual((now["gain"], now["pid.p"]), (9.0, 99.5))
            print("\n    bytes: [a, 1]", file=file, flush=True)
            self.fails(2, f"{file.name}:16", "param", "load", "/peer", file.name)
        self.fails(2, "cannot be read", "param", "load", "/peer", "/nothing.yaml")

    def test_wrong_words_exit_2_and_silence_exits_1(self):
        self.fails(2, "no_msgs/msg/No", "topic", "echo", "/heard", "no_msgs/msg/No")
        self.fails(2, "dat: the type has no such member", "topic", "pub", "/heard", "std_msgs/String", '{"dat": 1}')
        self.fails(2, "is no name", "topic", "info", "a//b")
        self.fails(2, "--rate", "topic", "pub", "/heard", "std_msgs/String", "--rate", "0")
        self.fails(1, "0 messages", "topic", "echo", "/silent", "std_msgs/String", "--timeout", "0.2")
        self.fails(1, "no reply", "service", "call", "/nobody", "std_srvs/srv/Empty", "--timeout", "0.2")
        self.fails(1, "subscriptions", "topic", "pub", "--once", "/silent", "std_msgs/String", "--timeout", "0.2")


@unittest.skipUnless("dds" in BUSES, "this build has no dds")
class Dds(Bus, unittest.TestCase):
    peer_uri = uri = "dds://"

    def takt_here(self, *arguments):
        return self.start([TAKT, *arguments])

    def test_two_of_the_program_hear_each_other_without_a_uri(self):
        echo = self.takt_here("topic", "echo", "/between", "std_msgs/msg/String", "--once", "--json",
                              "--qos-reliability", "reliable")
        pub = self.takt_here("topic", "pub", "--once", "/between", "std_msgs/msg/String", '{"data": "us"}')
        self.assertEqual(echo.communicate(timeout=60)[0], '{"data":"us"}\n')
        self.assertEqual(pub.wait(timeout=60), 0)

    def test_a_topic_that_nobody_has_yet_is_waited_for(self):
        echo = self.takt_here("topic", "echo", "/later", "--once", "--json")
        self.assertIn("nobody has /later yet", echo.stderr.readline())
        pub = self.takt_here("topic", "pub", "-w", "1", "-r", "10", "/later", "std_msgs/msg/Int8", '{"data": -3}')
        self.assertEqual(echo.stdout.readline(), '{"data":-3}\n')
        pub.send_signal(signal.SIGINT)
        self.assertEqual(pub.wait(timeout=60), 0, "being interrupted is how it is meant to end")

    def test_ends_that_do_not_fit_are_named(self):
        pub = self.takt_here("topic", "pub", "-r", "10", "/unfit", "std_msgs/msg/String", "--qos-reliability",
                             "best_effort")
        self.assertIn("publishing", pub.stdout.readline())
        result = self.takt("topic", "echo", "/unfit", "std_msgs/msg/String", "--qos-reliability", "reliable",
                           "--timeout", "3")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/unfit", result.stderr)


@unittest.skipUnless("zmq" in BUSES, "this build has no ZeroMQ")
class Zmq(Bus, unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.uri = f"zmq+ipc://{pathlib.Path(folder.name) / 'bus'}"
        self.peer_uri = self.uri + "?bind"
        super().setUp()

    def test_one_program_binds_and_another_connects(self):
        with tempfile.TemporaryDirectory() as folder:
            uri = f"zmq+ipc://{folder}/own"
            echo = self.start([TAKT, "topic", "echo", "/own", "std_msgs/msg/String", "--once", "--bus", uri + "?bind"])
            pub = self.start([TAKT, "topic", "pub", "--once", "/own", "std_msgs/msg/String", '{"data": "a: b"}',
                              "--bus", uri])
            self.assertEqual(echo.communicate(timeout=60)[0], 'data: "a: b"\n---\n')
            self.assertEqual(pub.wait(timeout=60), 0)


class Uris(unittest.TestCase):
    def test_a_bus_that_is_none_exits_2_with_the_part_at_fault(self):
        for uri, words in (("nonsense", "'://' is missing"), ("udp://robot:x", "'x' is no port"),
                           ("udp://robot:1?key=a", "'key' is no option of udp"), ("tcp://robot:1", "'tcp'")):
            with self.subTest(uri=uri):
                result = subprocess.run([TAKT, "topic", "list", "--bus", uri], stdin=subprocess.DEVNULL,
                                        capture_output=True, text=True, timeout=60)
                self.assertEqual(result.returncode, 2)
                self.assertIn(words, result.stderr)

    def test_what_a_bus_cannot_is_said(self):
        fibonacci = "example_interfaces/Fibonacci"
        for arguments, words in ((["service", "call", "/a", "std_srvs/srv/Empty"], "none of these has services"),
                                 (["action", "send-goal", "/a", fibonacci], "none of these has services"),
                                 (["param", "list", "/a"], "none of these can tell who is there"),
                                 (["topic", "list"], "none of these can tell who is there"),
                                 (["topic", "echo", "/a"], "none of these can tell who is there")):
            with self.subTest(arguments=arguments):
                result = subprocess.run([TAKT, *arguments, "--bus", "udp://127.0.0.1:9"], stdin=subprocess.DEVNULL,
                                        capture_output=True, text=True, timeout=60)
                self.assertEqual(result.returncode, 2)
                self.assertIn(words, result.stderr)


if __name__ == "__main__":
    unittest.main()
