"""Many processes in one DDS domain, and many nodes in one process. PEER, BUSES: as link_test.py."""

import unittest

from peers import BUSES, Peer, skip

PROCESSES = 10
NODES = 100


class Crowd(unittest.TestCase):
    def test_ten_processes_of_one_domain_discover_and_hear_each_other(self):
        members = [Peer(self, "member", index, PROCESSES, "dds://?range=localhost") for index in range(PROCESSES)]
        for member in members:
            member.wait_for_line("complete")
        for member in members:
            member.stop()  # all at once
        for member in members:
            self.assertEqual(member.end(), 143, member.warnings)

    def test_a_hundred_nodes_of_one_process_open_talk_and_close(self):
        caller = Peer(self, "caller", NODES, "dds://?range=localhost")
        crowd = Peer(self, "crowd", NODES, "dds://?range=localhost")
        crowd.wait_for_line("open")
        caller.wait_for_line("complete")
        self.assertEqual(crowd.end(), 143, crowd.warnings)
        caller.wait_for_line("alone")
        self.assertEqual(caller.end(), 143, caller.warnings)

    def test_nodes_of_a_process_that_was_killed_leave_the_graph(self):
        caller = Peer(self, "caller", 3, "dds://?range=localhost")
        crowd = Peer(self, "crowd", 3, "dds://?range=localhost")
        caller.wait_for_line("complete")
        crowd.process.kill()
        caller.wait_for_line("alone")


if __name__ == "__main__":
    if "dds" not in BUSES:
        skip("this build has no dds")
    unittest.main()
