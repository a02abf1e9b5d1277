"""The examples of nodes beside what they are for: other programs on the bus, a web server, a web client, a serial port.

EXAMPLES: the folder of their programs. TAKT: the program. ROS_PEER: tests/cli/ros_peer.cpp, which serves /set_bool.
"""

import http.client
import http.server
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import tty
import unittest

EXAMPLES = pathlib.Path(os.environ["EXAMPLES"])
TAKT = os.environ["TAKT"]
# Another test may be in the same domain: nobody without this tag is heard.
TAG = f'<CycloneDDS><Domain Id="any"><Discovery><Tag>takt-nodes-{os.getpid()}</Tag></Discovery></Domain></CycloneDDS>'
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ROS_")} | {
    "ROS_DOMAIN_ID": str(1 + os.getpid() % 100), "CYCLONEDDS_URI": TAG}


class NodeExamples(unittest.TestCase):
    def start(self, *command):
        process = subprocess.Popen(["stdbuf", "-oL", *map(str, command)], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()

    def example(self, name, *arguments):
        return self.start(EXAMPLES / name, *arguments)

    def takt(self, *arguments):
        """What it says, once it has done what it should; the test as a whole has a limit."""
        return subprocess.run([TAKT, *arguments], env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, check=True).stdout

    def say_hello(self):
        self.takt("topic", "pub", "--once", "/topic", "std_msgs/String", '{"data": "hello"}')

    def echo(self, topic, type_name, count):
        """Shows what is said, from some moment on; then everything."""
        return self.start(TAKT, "topic", "echo", topic, type_name, "--count", count, "--json", "--qos-reliability",
                          "reliable")

    def start_peer(self):
        peer = self.start(os.environ["ROS_PEER"], "dds://")
        self.assertEqual(peer.stdout.readline(), "ready\n")

    def assert_says(self, process, *lines):
        self.assertEqual(process.communicate()[0].splitlines(), list(lines))
        self.assertEqual(process.returncode, 0)

    def test_run_reacts_until_it_is_ended(self):
        run = self.example("run")
        self.say_hello()
        self.assertEqual(run.stdout.readline(), "heard hello\n")
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(), 128 + signal.SIGINT)

    def test_with_node_ends_with_its_block(self):
        self.assert_says(self.example("with_node"), "done", "nothing of the node is left: destroyed")

    def test_client_call_gets_its_response(self):
        call = self.example("client_call")
        self.start_peer()
        self.assert_says(call, "on")

    def test_clock_sleep_sleeps(self):
        said = self.example("clock_sleep").communicate()[0]
        self.assertRegex(said, r"^slept \d+\.\d{3} s\n$")
        self.assertGreaterEqual(float(said.split()[1]), 2.0)

    def test_http_asks_a_server_in_a_handler(self):
        class Data(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802: the library calls it so
                self.send_response(200)
                self.end_headers()
                self.wfile.write(f"this is {self.path}".encode())

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Data)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever).start()
        self.example("http", "127.0.0.1", server.server_port)
        said = self.takt("service", "call", "--json", "/my_service", "std_srvs/srv/SetBool", '{"data": true}')
        self.assertEqual(json.loads(said), {"success": True, "message": "this is /data"})

    def open_port(self):
        """The end of a serial line that a test holds, and the device at the other."""
        try:
            ours, device = os.openpty()
        except OSError as error:
            self.skipTest(f"this system gives no pseudo-terminal: {error}")
        self.addCleanup(os.close, device)
        tty.setraw(ours)
        return ours, os.ttyname(device)

    def test_serial_publishes_each_byte(self):
        ours, device = self.open_port()
        echo = self.echo("/serial/rx", "std_msgs/msg/Byte", 3)
        serial = self.example("serial", device)
        byte = 0
        while echo.poll() is None:
            os.write(ours, bytes([byte]))
            byte = (byte + 1) % 256
            time.sleep(0.02)
        heard = [json.loads(line)["data"] for line in echo.communicate()[0].splitlines()]
        self.assertEqual(heard, [(heard[0] + i) % 256 for i in range(3)])
        os.close(ours)
        self.assert_says(serial, "the port has ended")

    def test_timeout_gives_up_or_gets_its_response(self):
        self.assert_says(self.example("timeout"), "there is no such service")

    def test_http_bridge_shows_topics_and_calls_services(self):
        bridge = self.example("http_bridge", "0")
        port = int(bridge.stdout.readline().rsplit(":", 1)[1])
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.addCleanup(web.close)

        def ask(method, target, body=None):
            web.request(method, target, body)
            response = web.getresponse()
            return response.status, response.read().decode()

        self.assertEqual(ask("GET", "/topic")[0], 404)
        self.say_hello()
        while (answer := ask("GET", "/topic"))[0] == 404:
            pass
        self.assertEqual(answer, (200, '{"data":"hello"}'))
        self.assertEqual(ask("POST", "/set_bool", '{"data": true}')[0], 502)
        self.start_peer()
        while (answer := ask("POST", "/set_bool", '{"data": true}'))[0] == 502:
            pass
        self.assertEqual(answer, (200, '{"success":true,"message":"on"}'))
        self.assertEqual(ask("POST", "/set_bool", '{"data": 1}'), (400, "data: not true or false"))
        self.assertEqual(ask("GET", "/elsewhere")[0], 404)

    def test_serial_bridge_carries_lines_both_ways(self):
        ours, device = self.open_port()
        self.addCleanup(os.close, ours)
        echo = self.echo("/serial/rx", "std_msgs/msg/String", 2)
        self.example("serial_bridge", device)
        while echo.poll() is None:
            os.write(ours, b"a line\na l")
            os.write(ours, b"ine\n")
            time.sleep(0.02)
        self.assertEqual(echo.communicate()[0].splitlines(), ['{"data":"a line"}'] * 2)
        self.takt("topic", "pub", "--once", "/serial/tx", "std_msgs/String", '{"data": "out"}')
        self.assertEqual(os.read(ours, 100), b"out\n")


if __name__ == "__main__":
    unittest.main()
