#!/usr/bin/env python3
"""Prints "N passed, N failed, N skipped" from a report of `ctest --output-junit`, and before it the end of what each
failed test said, so that it stands at the end of a long log. Exits 1 when there is no report."""

import sys
import xml.etree.ElementTree as ElementTree

# How ctest names the outcome of a test; a disabled one was not run either.
SKIPPED = {"notrun", "skipped", "disabled"}


LINES_OF_A_FAILURE = 12


def outcome(case):
    """"passed", "failed" or "skipped". What is neither a success nor skipped has failed."""
    status = case.get("status", "")
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or status in SKIPPED:
        return "skipped"
    return "passed" if status == "run" else "failed"


def count(cases):
    """[passed, failed, skipped] of <testcase> elements."""
    outcomes = [outcome(case) for case in cases]
    return [outcomes.count(name) for name in ("passed", "failed", "skipped")]


def end_of(case):
    """The last lines of what a test said."""
    said = (case.findtext("system-out") or "").rstrip().splitlines()
    return "".join(f"  {line}\n" for line in said[-LINES_OF_A_FAILURE:])


def main(path):
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no test report: {error}", file=sys.stderr)
        return 1
    for case in cases:
        if outcome(case) == "failed":
            print(f"failed: {case.get('name')}\n{end_of(case)}", end="")
    print("{} passed, {} failed, {} skipped".format(*count(cases)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
