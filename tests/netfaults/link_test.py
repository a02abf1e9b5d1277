"""Two hosts and a link that is cut and restored while they exchange messages and calls, over every transport at once.

PEER: netfault_peer. BUSES: what this build has, separated by commas. Needs network namespaces; skips (77) without.
"""

import time
import unittest

from peers import BUSES, Host, Peer, enter_own_network, make_switch, set_silent


class Pair:
    """Both ends of one transport."""

    def __init__(self, test, bus, hosts):
        robot, desk = hosts
        self.bus = bus
        uris = {"dds": ("dds://?range=subnet", "dds://?range=subnet"),
                "zmq": ("zmq+tcp://*:5555", f"zmq+tcp://{robot.address}:5555"),
                "udp": ("udp://*:7400", f"udp://{robot.address}:7400")}[bus]
        self.asks = "says" if bus == "udp" else "asks"
        self.ends = [Peer(test, "talk", f"{bus}_robot", f"{bus}_desk", self.asks, uris[0], network=robot.network),
                     Peer(test, "talk", f"{bus}_desk", f"{bus}_robot", self.asks, uris[1], network=desk.network)]

    def wait_for_more(self, what):
        """Messages and answers that come after now, at both ends."""
        for end in self.ends:
            received, answered = end.said.get("received", 0), end.said.get("answered", 0)
            end.wait(lambda said: said["received"] >= received + 20, f"{what}: messages flow")
            if self.asks == "asks":
                end.wait(lambda said: said["answered"] >= answered + 5 and said["served"], f"{what}: calls are answered")


class Link(unittest.TestCase):
    def setUp(self):
        make_switch()
        self.hosts = [Host(self, 1), Host(self, 2)]
        self.pairs = [Pair(self, bus, self.hosts) for bus in BUSES]

    def every_end(self):
        return [(pair, end) for pair in self.pairs for end in pair.ends]

    def wait_for_more(self, what):
        for pair in self.pairs:
            pair.wait_for_more(what)

    def failed_calls(self, said):
        return said["errors"].get("the server vanished", 0) + said["errors"].get("no response in time", 0)

    def test_what_is_cut_goes_on_when_it_is_restored(self):
        self.wait_for_more("at first")
        set_silent(self.hosts[1], True)  # for less than it takes to be missed
        time.sleep(1)
        set_silent(self.hosts[1], False)
        self.wait_for_more("after a short silence")

        before = {end: end.said for _, end in self.every_end()}
        self.hosts[1].unplug()
        for pair, end in self.every_end():
            if pair.asks == "asks":
                failed = self.failed_calls(before[end])
                end.wait(lambda said: not said["served"], "it is seen that the server has gone")
                end.wait(lambda said: self.failed_calls(said) > failed, "a call that waits says so")
        time.sleep(1)
        self.hosts[1].plug()
        self.wait_for_more("after the cable was unplugged")

        for pair, end in self.every_end():
            with self.subTest(bus=pair.bus, end=end.words[1]):
                self.counted_what_it_missed(pair.bus, end, before[end])
                print(pair.bus, end.words[1], end.said)

    def counted_what_it_missed(self, bus, end, then):
        def counted(said):
            return said["lost"] - then["lost"]

        def missed(said):
            return said["newest"] - then["newest"] - (said["received"] - then["received"])

        # Of messages that have come and wait for their turn, those lost before them are counted already.
        if bus == "udp":
            end.wait(lambda said: 0 < counted(said) == missed(said), "what was said into the cut is counted, each")
        else:  # who knows that nobody is there any more sends nothing, which nobody loses
            end.wait(lambda said: 0 < counted(said) <= missed(said), "what was said into the cut is counted")


if __name__ == "__main__":
    enter_own_network()
    unittest.main()
