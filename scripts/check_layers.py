#!/usr/bin/env python3
"""Checks every #include under src/takt against cmake/layers.cmake. Prints "file:line: what"; exits 1 when it found any.

  scripts/check_layers.py [ROOT]

* A file may include its own module and those that its module's TAKT_LAYER_… line names; nothing is implied.
* A header in a folder `internal` is for the modules below the same top folder: `async/asio` may include
  "takt/async/tasks/internal/…", `controller` may not. What others need as well is moved out of `internal`.
* `testing` may be included by tests and fuzz targets only (and may itself include anything: it is never installed).
* Project headers are included as "takt/<module>/<file>", never by a relative path.
* A public header (named in its module's takt_module(HEADERS …)) includes the standard library, POSIX, and what
  THIRD_PARTY_IN_PUBLIC_HEADERS allows: a library in a public header becomes part of every user's build.
"""

import os
import pathlib
import re
import sys

# Prefix of an include -> modules whose public headers may have it.
THIRD_PARTY_IN_PUBLIC_HEADERS = {
    "Eigen/": {"core", "control", "controller", "robots"},  # and the folders below them
    "boost/describe.hpp": {"messages", "teleop", "controller", "trajectory/recorder"},  # what is described has a codec and enum names
    "boost/mp11/": {"messages"},                   # walks the descriptions
    "boost/asio/": {"async/asio"},                 # the adapter is about them
    "boost/system/": {"async/asio"},
}
POSIX = re.compile(r"(sys|linux|netinet|arpa|net)/\w+\.h|"
                   r"(errno|fcntl|poll|pthread|sched|semaphore|signal|termios|time|unistd)\.h")
STANDARD = re.compile(r"[a-z_0-9]+")

LAYER = re.compile(r'set\(\s*TAKT_LAYER_(\S+)\s+"([^"]*)"\s*\)')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".hpp", ".cpp", ".h", ".ipp"}
TEST_FOLDERS = {"test", "fuzz"}


def read_layers(text):
    """{module: the modules it may include} from the text of cmake/layers.cmake."""
    return {name: {entry for entry in allowed.split(";") if entry} for name, allowed in LAYER.findall(text)}


def find_cycle(layers):
    """A module that can reach itself, or None. A table that allows a circle is no order."""
    def reach(module, seen):
        for below in layers.get(module, ()):
            if below not in seen:
                seen.add(below)
                reach(below, seen)
        return seen
    return next((module for module in sorted(layers) if module in reach(module, set())), None)


def module_of(path, modules):
    """The module a path below src/takt belongs to: the longest folder that is one; None when there is none. A header that
    lies beside a module's folder and bears its name, async.hpp, is the module's."""
    folders = pathlib.PurePosixPath(path).parts[:-1] or (pathlib.PurePosixPath(path).stem,)
    for depth in range(len(folders), 0, -1):
        name = "/".join(folders[:depth])
        if name in modules:
            return name
    return None


def public_headers(cmake_text):
    """The headers that a module's CMakeLists.txt names in takt_module(HEADERS …)."""
    headers = set()
    for call in re.findall(r"takt_module\(([^)]*)\)", cmake_text):
        words = re.sub(r"#.*", "", call).split()
        for i, word in enumerate(words):
            if word.endswith(".hpp") and "HEADERS" in [w for w in words[:i] if w.isupper()][-1:]:
                headers.add(word)
    return headers


def allowed_third_party(module, name):
    for prefix, modules in THIRD_PARTY_IN_PUBLIC_HEADERS.items():
        if name.startswith(prefix) and (module in modules or module.split("/")[0] in modules):
            return True
    return False


class Checker:
    """Walks src/takt and collects breaches as "file:line: what" in `found`."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.source = self.root / "src" / "takt"
        self.layers = read_layers((self.root / "cmake" / "layers.cmake").read_text())
        self.modules = set(self.layers) | {"testing"}
        self.found = []

    def run(self):
        cycle = find_cycle(self.layers)
        if cycle:
            self.found.append(f"cmake/layers.cmake:1: module '{cycle}' can reach itself")
        for path in sorted(self.source.rglob("*")):
            if path.suffix in SOURCES:
                self.check_file(path)
        return self.found

    def check_file(self, path):
        relative = path.relative_to(self.source).as_posix()
        module = module_of(relative, self.modules)
        if module is None:
            self.found.append(f"{path.relative_to(self.root)}:1: is in no module of cmake/layers.cmake")
            return
        is_test = bool(TEST_FOLDERS & set(path.parts))
        public = not is_test and self.is_public(path, module)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            complaint = match and self.complaint(module, is_test, public, match.group(1), match.group(2))
            if complaint:
                self.found.append(f"{path.relative_to(self.root)}:{number}: {complaint}")

    def is_public(self, path, module):
        folder = self.source / module
        lists = folder / "CMakeLists.txt"
        return lists.is_file() and os.path.relpath(path, folder) in public_headers(lists.read_text())

    def complaint(self, module, is_test, public, quote, name):
        """What is wrong with one include of `name`, or None."""
        if name.startswith("takt/"):
            return self.complaint_about_layer(module, is_test, name)
        if quote == '"':
            return f'"{name}": include project headers by their full path, "takt/…", and others with <>'
        if public and not STANDARD.fullmatch(name) and not POSIX.fullmatch(name) and not allowed_third_party(module, name):
            return f"<{name}> in a public header of '{module}': move it into the .cpp"
        return None

    def complaint_about_layer(self, module, is_test, name):
        folders = name.removeprefix("takt/").split("/")
        if "internal" in folders and folders[0] != module.split("/")[0]:
            return f"'{module}' may not include '{name}': it is internal to '{folders[0]}'"
        target = module_of(name.removeprefix("takt/"), self.modules)
        if target is None:
            return f'"{name}": no such module in cmake/layers.cmake'
        if target == module or module == "testing" or (target == "testing" and is_test):
            return None
        if target == "testing":
            return f"'{module}' may not include '{name}': testing is for tests only"
        if target not in self.layers[module]:
            may = ", ".join(sorted(self.layers[module])) or "nothing"
            return f"'{module}' may not include '{name}' (it may: {may})"
        return None


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = Checker(root).run()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
