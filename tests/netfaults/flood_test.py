"""A publisher ten times too fast for its reader: what is kept, what is counted, what it costs. PEER, BUSES: as link_test.py."""

import os
import pathlib
import tempfile
import unittest

from peers import BUSES, Peer

BYTES = 20_000
PER_SECOND = 1000
COUNT = 3000
PAUSE_MS = 10  # the reader's, for each message
FLOOD_KIB = BYTES * COUNT // 1024
IDLE_KIB = 20_000  # what a peer takes that does nothing, and some room
RELIABLE = [bus for bus in BUSES if bus != "udp"]


class Flood(unittest.TestCase):
    def uris(self, bus):
        """Of the publisher and the reader."""
        if bus == "dds":
            return "dds://?range=localhost", "dds://?range=localhost"
        if bus == "zmq":
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            uri = f"zmq+ipc://{pathlib.Path(folder.name) / 'flood'}"
            return uri + "?bind", uri
        group = f"udp://239.255.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}:7401?interface=127.0.0.1"
        return group, group

    def floods(self, qos, pause_ms, per_second, buses):
        """A flood over each, at once. @return for each bus what publisher and reader said at its end, when the reader has what
        came after it"""
        ends = {}
        for bus in buses:
            at_publisher, at_reader = self.uris(bus)
            ends[bus] = (Peer(self, "flood", qos, BYTES, per_second, COUNT, at_publisher),
                         Peer(self, "slow", qos, pause_ms, at_reader))
        for bus, (publisher, reader) in ends.items():
            publisher.wait(lambda said: not said["flooding"], "the flood ends")
            end = publisher.said["sent"]
            # Each number that was left out is counted, and nothing else is but what went before the first that was heard.
            reader.wait(lambda said: said["newest"] > end and said["gaps"] <= said["lost"] < said["gaps"] + said["first"],
                        "what comes after the flood is heard, what was missed is counted")
            print(bus, qos, publisher.said, reader.said)
        return {bus: [end.said for end in both] for bus, both in ends.items()}

    def lossy(self, qos, buses):
        for bus, (publisher, reader) in self.floods(qos, PAUSE_MS, PER_SECOND, buses).items():
            with self.subTest(bus=bus):
                self.assertEqual(reader["unordered"], 0)
                # How many, a busy machine decides.
                self.assertGreater(reader["gaps"], 0, "it was too slow for some of them")
                # Nothing is kept of what is lost.
                self.assertLess(reader["peak_kib"], IDLE_KIB + FLOOD_KIB / 2)
                self.assertLess(publisher["peak_kib"], IDLE_KIB + FLOOD_KIB / 2)

    def test_of_latest_the_reader_has_the_newest_and_what_it_missed_is_counted(self):
        self.lossy("latest", BUSES)

    def test_of_the_last_ten_the_reader_has_the_newest_and_what_it_missed_is_counted(self):
        self.lossy("last", RELIABLE)

    @unittest.skipUnless("dds" in BUSES, "this build has no dds")
    def test_of_all_over_dds_a_publisher_that_waits_is_held_to_its_readers_pace(self):
        publisher, reader = self.floods("all", 2, 10 * PER_SECOND, ["dds"])["dds"]
        self.assertEqual((reader["unordered"], reader["lost"], reader["gaps"]), (0, 0, 0))
        self.assertGreater(publisher["waited"], 0)
        self.assertEqual(publisher["refused"], 0)


if __name__ == "__main__":
    unittest.main()
