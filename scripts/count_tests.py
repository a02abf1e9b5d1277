#!/usr/bin/env python3
"""Prints "N passed, N failed, N skipped" from a report of `ctest --output-junit`. Exits 1 when there is no report."""

import sys
import xml.etree.ElementTree as ElementTree

# How ctest names the outcome of a test; a disabled one was not run either.
SKIPPED = {"notrun", "skipped", "disabled"}


def count(cases):
    """[passed, failed, skipped] of <testcase> elements. What is neither a success nor skipped has failed."""
    totals = [0, 0, 0]
    for case in cases:
        status = case.get("status", "")
        if case.find("failure") is not None or case.find("error") is not None:
            totals[1] += 1
        elif case.find("skipped") is not None or status in SKIPPED:
            totals[2] += 1
        else:
            totals[0 if status == "run" else 1] += 1
    return totals


def main(path):
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no test report: {error}", file=sys.stderr)
        return 1
    print("{} passed, {} failed, {} skipped".format(*count(cases)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
