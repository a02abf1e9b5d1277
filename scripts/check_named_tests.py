"""Tests that pages of docs/ name in a table with a column "test": each is there. And the checklist of nodes is whole: a row for
every line that CHECKLIST counts, whose tests also run over dds. scripts/check_files.py asks.

In that column `Suite.Name` is a GoogleTest, `folder.name` a test of tests/folder, `name_test.cpp` a file that the compiler checks.
"""

import re

# What ROS 2's AsyncNode does, and what harms it: so many lines of each letter.
CHECKLIST = {"N": 31, "S": 5, "V": 3, "C": 6, "T": 11, "K": 8, "P": 2, "H": 4}
CHECKLIST_PAGE = "docs/guide/nodes.md"
# Lines that no test of dds_nodes can hold, and what says so on the page.
HELD_OTHERWISE = {"T10": "the compiler", "H4": "transports of its own"}

NAMED = re.compile(r"`([\w/]+_test\.cpp|\w+\.\w+)`")
LINES = re.compile(r"([A-Z])(\d+)(?:–[A-Z]?(\d+))?")


def has_test(text, suite, name, python=False):
    """Whether the text of a source has a test of this name; of a Python file, a method of that class."""
    if python:
        return re.search(rf"^class {suite}\(.*?^    def {name}\(", text, re.MULTILINE | re.DOTALL) is not None
    return re.search(rf"^(?:TYPED_)?TEST(?:_F|_P)?\({suite},\s*{name}\)", text, re.MULTILINE) is not None


def rows_with_tests(text):
    """[(line number, first cell, what the column "test" says)] of a page's tables that have one."""
    rows, column = [], None
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            column = None
        elif column is None:
            column = cells.index("test") if "test" in cells else len(cells)
        elif column < len(cells) and not set(line) <= set("|- :"):
            rows.append((number, cells[0], cells[column]))
    return rows


def lines_of(cell):
    """{"N17", "N18"} of "N17–N18", {"T1", "T2"} of "T1, T2"."""
    return {f"{letter}{number}" for letter, first, last in LINES.findall(cell)
            for number in range(int(first), int(last or first) + 1)}


class Sources:
    """The tests of a project, found by name."""

    def __init__(self, root):
        self.root = root
        self.texts = {path: path.read_text(encoding="utf-8") for folder in ("src", "tests")
                      for path in (root / folder).rglob("*_test.cpp")}

    def files_of(self, name):
        """Where a name of a table leads to: paths; none when it leads nowhere."""
        if name.endswith(".cpp"):
            return [path for path in self.texts if path.as_posix().endswith("/" + name)]
        suite, test = name.split(".")
        if suite[0].isupper():
            return [path for path, text in self.texts.items() if has_test(text, suite, test)]
        return [path for path in (self.root / "tests" / suite).glob(f"{test}_test.*")]


def check_tables(root, sources):
    found = []
    for page in sorted((root / "docs").rglob("*.md")):
        for number, _, cell in rows_with_tests(page.read_text(encoding="utf-8")):
            names = NAMED.findall(cell)
            place = f"{page.relative_to(root)}:{number}"
            found += [f"{place}: names no test: {cell}"] if not names else []
            found += [f"{place}: there is no test {name}" for name in names if not sources.files_of(name)]
    return found


def check_checklist(root, sources):
    page = root / CHECKLIST_PAGE
    if not page.is_file():
        return []
    text = page.read_text(encoding="utf-8")
    held = {}
    for _, lines, cell in rows_with_tests(text):
        for line in lines_of(lines):
            held.setdefault(line, []).extend(NAMED.findall(cell))
    wanted = [f"{letter}{number}" for letter, count in CHECKLIST.items() for number in range(1, count + 1)]
    found = [f"{CHECKLIST_PAGE}:1: the checklist has no line {line}" for line in wanted if not held.get(line)]
    over_dds = re.search(r"^set\(tests ([\w ]+)\)", (root / "tests/dds/nodes/CMakeLists.txt").read_text(), re.MULTILINE)
    stems = {f"{stem}_test" for stem in over_dds.group(1).split()} if over_dds else set()
    for line in wanted:
        names = held.get(line, [])
        if line not in HELD_OTHERWISE and names and not any(runs_over_dds(sources, name, stems) for name in names):
            found.append(f"{CHECKLIST_PAGE}:1: {line} is not held over dds by {', '.join(names)}")
    return found


def runs_over_dds(sources, name, stems):
    """A TEST_P of a file that tests/dds/nodes builds: dds is one of the ways it is instantiated for there."""
    suite, _, test = name.partition(".")
    parametrised = re.compile(rf"^TEST_P\({suite},\s*{test}\)", re.MULTILINE)
    return any(path.stem in stems and parametrised.search(sources.texts[path]) for path in sources.files_of(name))


def check(root):
    """Breaches as "file:line: what"."""
    sources = Sources(root)
    return check_tables(root, sources) + check_checklist(root, sources)
