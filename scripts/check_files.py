#!/usr/bin/env python3
"""Checks the files of the project as files. Prints "file:line: what"; exits 1 when it found any.

  scripts/check_files.py [ROOT]

* Every public header src/takt/<module>/foo.hpp has src/takt/<module>/test/foo_test.cpp, or a line with the reason in
  scripts/headers_without_tests.txt. A line there that is no longer true is a breach as well. Headers in a folder
  `internal` are tested through the public ones.
* A source foo.cpp beside a header foo.hpp includes it first, and so compiles it alone.
* The table of modules in docs/architecture.md says what cmake/layers.cmake says.
* Links from one Markdown file to another file of the project lead somewhere.
* Every fuzz target has inputs to start from, in fuzz/corpus/<its name>.
* Tests that a table of docs/ names are there, and the checklist of nodes is whole (check_named_tests.py).
* No file names an absolute path of somebody's machine, or carries a TODO that was to be done before it was committed.
"""

import os
import pathlib
import re
import sys

import check_layers
import check_named_tests

EXCEPTIONS = "scripts/headers_without_tests.txt"
SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__"}
# "| `module` | holds | core, messages |"
TABLE_ROW = re.compile(r"\| `([\w/]+)` \|.*\| ([^|]+) \|")
FIRST_INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)
# [text](file) or [text](file#place); not a web address.
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
# Written in two parts, so that this file does not match itself.
FORBIDDEN = {
    "an absolute path of one machine": re.compile(r"(?<![\w.$}])/(?:wo" r"rk|ro" r"ot)/"),
    "something to be done before committing": re.compile(r"TODO\(no" r"w\)"),
}


def read_exceptions(text):
    """{header: line number} of "path  # reason" lines. A line without a reason gives number 0."""
    exceptions = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header, _, reason = line.partition("#")
        if header.strip():
            exceptions[header.strip()] = number if reason.strip() else 0
    return exceptions


def check_tests(root):
    """Public headers without a test and without an exception, and exceptions that are none."""
    listed = root / EXCEPTIONS
    exceptions = read_exceptions(listed.read_text()) if listed.is_file() else {}
    found = [f"{EXCEPTIONS}:1: {header}: give a reason" for header, number in exceptions.items() if number == 0]
    needed = set()
    for lists in sorted((root / "src" / "takt").rglob("CMakeLists.txt")):
        for header in sorted(check_layers.public_headers(lists.read_text())):
            path = pathlib.Path(os.path.normpath(lists.parent / header))
            if "internal" in path.parts:
                continue  # installed since public headers need it, but nobody's to include
            test = path.parent / "test" / f"{path.stem}_test.cpp"
            name = path.relative_to(root).as_posix()
            if not test.is_file():
                needed.add(name)
                if name not in exceptions:
                    found.append(f"{name}:1: has no {test.relative_to(root)} and is not in {EXCEPTIONS}")
    found += [f"{EXCEPTIONS}:{number}: {header}: not a public header without a test"
              for header, number in exceptions.items() if header not in needed]
    return found


def check_own_headers(root):
    """Sources that do not begin with the header of their name."""
    found = []
    for source in sorted((root / "src").rglob("*.cpp")):
        header = source.with_suffix(".hpp")
        first = FIRST_INCLUDE.search(source.read_text(encoding="utf-8"))
        own = header.relative_to(root / "src").as_posix()
        if header.is_file() and (first is None or first.group(1) != own):
            found.append(f"{source.relative_to(root)}:1: does not include {own} first")
    return found


def text_files(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(set(files) - SKIPPED_FOLDERS):  # .git is a file in a worktree
            yield pathlib.Path(folder) / name


def check_words(root):
    found = []
    for path in text_files(root):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, OSError):
            continue  # not text
        for number, line in enumerate(lines, start=1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    found.append(f"{path.relative_to(root)}:{number}: {what}: {line.strip()[:80]}")
    return found


def check_architecture(root):
    """Differences between the table of docs/architecture.md and cmake/layers.cmake."""
    page = root / "docs" / "architecture.md"
    if not page.is_file():
        return []
    shown = {}
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        match = TABLE_ROW.fullmatch(line)
        if match:
            shown[match.group(1)] = (number, set(re.findall(r"[\w/]+", match.group(2))))
    layers = check_layers.read_layers((root / "cmake" / "layers.cmake").read_text())
    found = [f"docs/architecture.md:1: no row for module '{module}' of cmake/layers.cmake"
             for module in layers if module not in shown]
    for module, (number, allowed) in shown.items():
        if allowed != layers.get(module):
            found.append(f"docs/architecture.md:{number}: '{module}' differs from cmake/layers.cmake")
    return found


def check_links(root):
    found = []
    for path in text_files(root):
        if path.suffix == ".md":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                for target in LINK.findall(line):
                    if not (path.parent / target).exists():
                        found.append(f"{path.relative_to(root)}:{number}: the link to {target} leads nowhere")
    return found


def check_corpora(root):
    """Fuzz targets without inputs to start from, and inputs of none."""
    corpora = root / "fuzz" / "corpus"
    kept = {folder.name for folder in corpora.iterdir() if any(folder.iterdir())} if corpora.is_dir() else set()
    targets = {}
    for folder in ("src", "fuzz"):
        for lists in sorted((root / folder).rglob("CMakeLists.txt")):
            for name in re.findall(r"^takt_fuzz_target\((\w+)", lists.read_text(), re.MULTILINE):
                targets[name] = lists.relative_to(root)
    return ([f"{lists}:1: fuzz/corpus/{name} has nothing" for name, lists in targets.items() if name not in kept]
            + [f"fuzz/corpus/{name}:1: is of no fuzz target" for name in sorted(kept - set(targets))])


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = check_tests(root) + check_own_headers(root) + check_words(root) + check_architecture(root) + check_links(root)
    found += check_corpora(root) + check_named_tests.check(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
