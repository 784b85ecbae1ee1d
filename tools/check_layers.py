#!/usr/bin/env python3
"""Fails when an #include or a CMake dependency goes against the layers of ARCHITECTURE.md, or units include in a circle.

A unit is a header with its source (x.h and x.cc): each may be understood, tested and moved without its users.

Usage: check_layers.py [--root DIR] | --self-test
Exit code: 0 nothing found, 1 violations (one line each: file:line: what, and what is allowed).
"""
import argparse
import pathlib
import re
import sys
import tempfile

# From the ground up. A component may use every lower layer; one of its own layer only with a reason below.
LAYERS = [
    ["base"],
    ["async", "kinds"],
    ["log", "config", "metrics", "ledger", "net"],
    ["http", "redis", "amqp", "kube"],
    ["github", "store", "queue", "leader"],
    ["work"],
    ["activity", "copilot", "backfill", "exposition", "health"],
    ["upkeep"],
    ["app"],
]

# (who, whom): why. Keep it short; two entries that point at each other are a cycle.
SAME_LAYER = {("kube", "http"): "an API server speaks HTTP"}

# The simulator must imitate GitHub, not our client: it may use what knows no word of our domain.
SIM_MAY_USE = {"base", "async", "log", "metrics", "http"}

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
COMPONENT = re.compile(r"^ghstats_component\(\s*(\w+)(?:\s+ONE_PROCESS)?\s+DEPS\b([^)]*)", re.MULTILINE)


def is_test_code(path):
    return path.name.endswith("_test.cc") or "testing" in path.parts


def arrow(component):
    lower = [name for level in LAYERS[: LEVEL[component]] for name in level]
    return f"{component} may use {', '.join(lower)}" if lower else f"{component} uses no other component"


def may_use(user, used):
    return user == used or LEVEL[used] < LEVEL[user] or (user, used) in SAME_LAYER


def problem_in_src(path, included):
    """path and included are relative to src/; None when the include is allowed."""
    user, used = path.parts[0], included.split("/")[0]
    if user not in LEVEL:
        return None if len(path.parts) == 1 else f"folder src/{user} has no layer: add it to LAYERS in tools/check_layers.py"
    if ".." in included.split("/"):
        return f'"{included}": includes are written from src/, without ".."'
    if used == "sim":
        return f'"{included}": the product must not know its simulator'
    if used not in LEVEL or "/" not in included:
        return f'"{included}": includes are written from src/, as "component/file.h"'
    if not may_use(user, used):
        same = " (a neighbour of the same layer)" if LEVEL[used] == LEVEL[user] else ""
        return f'"{included}": {user} must not use {used}{same}; {arrow(user)}'
    if "/testing/" in included and not is_test_code(path):
        return f'"{included}": only *_test.cc and testing/ may use test helpers'
    return None


def problem_in_sim(included):
    used = included.split("/")[0]
    if used in LEVEL and used not in SIM_MAY_USE:
        return f'"{included}": sim must not use {used}; sim may use {", ".join(sorted(SIM_MAY_USE))}'
    if ".." in included.split("/"):
        return f'"{included}": includes are written from src/ or the repository, without ".."'
    return None


def includes_of(path):
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in {".h", ".cc"} and p.is_file())


def check_cmake(root):
    listing = root / "CMakeLists.txt"
    if not listing.exists():
        return
    text = listing.read_text(encoding="utf-8")
    for match in COMPONENT.finditer(text):
        user, words = match.group(1), match.group(2).split()
        line = text.count("\n", 0, match.start()) + 1
        if user not in LEVEL:
            yield f"CMakeLists.txt:{line}: component {user} has no layer: add it to LAYERS in tools/check_layers.py"
            continue
        for used in words[: words.index("LIBS")] if "LIBS" in words else words:
            if used not in LEVEL:
                yield f"CMakeLists.txt:{line}: {user} depends on {used}, which has no layer"
            elif not may_use(user, used):
                yield f"CMakeLists.txt:{line}: {user} must not depend on {used}; {arrow(user)}"


def unit_of(path):
    return path.with_suffix("")


def includes_by_unit(root):
    """{unit: {used unit: "file:line" of the first include}}; tests are nobody's neighbours and left out."""
    graph = {}
    for folder, base in ((root / "src", root / "src"), (root / "sim", root)):
        for path in sources(folder):
            if path.name.endswith("_test.cc"):
                continue
            unit = unit_of(path.relative_to(root))
            for number, included in includes_of(path):
                file = base / included if (base / included).is_file() else root / "src" / included
                if file.is_file() and unit_of(file.relative_to(root)) != unit:
                    uses = graph.setdefault(unit, {})
                    uses.setdefault(unit_of(file.relative_to(root)), f"{path.relative_to(root)}:{number}")
    return graph


def circles(graph):
    """One shortest circle for each unit that is in one, every circle told once."""
    told = set()
    for start in sorted(graph):
        came_from, queue = {start: None}, [start]
        while queue:
            unit = queue.pop(0)
            if start in graph.get(unit, {}):
                way = [unit]
                while came_from[way[-1]] is not None:
                    way.append(came_from[way[-1]])
                way.reverse()
                if not told & set(way):
                    yield way
                told |= set(way)
                break
            for used in sorted(graph.get(unit, {})):
                if used not in came_from:
                    came_from[used] = unit
                    queue.append(used)


def check_circles(root):
    graph = includes_by_unit(root)
    for way in circles(graph):
        where = graph[way[-1]][way[0]]
        yield f"{where}: includes go in a circle: {' -> '.join(str(unit) for unit in [*way, way[0]])}"


def check(root):
    found = list(check_cmake(root)) + list(check_circles(root))
    for path in sources(root / "src"):
        for number, included in includes_of(path):
            problem = problem_in_src(path.relative_to(root / "src"), included)
            if problem:
                found.append(f"{path.relative_to(root)}:{number}: {problem}")
    for path in sources(root / "sim"):
        for number, included in includes_of(path):
            problem = problem_in_sim(included)
            if problem:
                found.append(f"{path.relative_to(root)}:{number}: {problem}")
    return found


def self_test():
    """Every rule must let through what is right and name what is wrong."""
    cases = [  # file, line of code, part of the expected complaint (None: allowed)
        ("src/async/a.cc", '#include "base/error.h"', None),
        ("src/activity/a.cc", '#include "github/model.h"', None),
        ("src/http/a.cc", '#include "http/message.h"', None),
        ("src/http/a.cc", "#include <boost/asio.hpp>", None),
        ("src/main.cc", '#include "app/run.h"', None),
        ("src/base/a.h", '#include "async/task.h"', "base uses no other component"),
        ("src/github/deep/a.cc", '  #  include "activity/event.h"', "github must not use activity"),
        ("src/github/a.cc", '#include "store/store.h"', "neighbour of the same layer"),
        ("src/log/a_test.cc", '#include "log/testing/memory_sink.h"', None),
        ("src/http/testing/a.h", '#include "base/testing/fake_clock.h"', None),
        ("src/http/a_test.cc", '#include "github/testing/fake.h"', "http must not use github"),
        ("src/http/a.cc", '#include "log/testing/memory_sink.h"', "only *_test.cc and testing/"),
        ("src/http/a.cc", '#include "../log/log.h"', 'without ".."'),
        ("src/http/a.cc", '#include "message.h"', "written from src/"),
        ("src/app/a.cc", '#include "sim/world.h"', "must not know its simulator"),
        ("src/novel/a.cc", '#include "base/error.h"', "src/novel has no layer"),
        ("sim/a.cc", '#include "http/server.h"', None),
        ("sim/a.cc", '#include "sim/world.h"', None),
        ("sim/a.cc", '#include "ledger/event.h"', "sim must not use ledger"),
        ("CMakeLists.txt", "ghstats_component(http DEPS async log LIBS x::y)", None),
        ("CMakeLists.txt", "ghstats_component(http DEPS async store LIBS x::y)", "http must not depend on store"),
    ]
    failed = 0
    for name, line, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("// first line\n" + line + "\n", encoding="utf-8")
            found = check(pathlib.Path(folder))
        right = not found if expected is None else len(found) == 1 and expected in found[0] and f"{name}:" in found[0]
        if not right:
            failed += 1
            print(f"check_layers self-test: {name}: {line}: expected {expected!r}, got {found}", file=sys.stderr)
    failed += self_test_circles()
    print(f"check_layers self-test: {len(cases) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


def self_test_circles():
    """a.cc closes a circle that no two headers show; a header and its own source are one unit."""
    files = {
        "src/log/a.h": '#include "base/c.h"',
        "src/log/a.cc": '#include "log/a.h"\n#include "log/b.h"',
        "src/log/b.h": '#include "log/a.h"',
        "src/log/a_test.cc": '#include "log/a.h"',
        "src/base/c.h": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        found = check(pathlib.Path(folder))
    if found == ["src/log/b.h:1: includes go in a circle: src/log/a -> src/log/b -> src/log/a"]:
        return 0
    print(f"check_layers self-test: circles: got {found}", file=sys.stderr)
    return 1


def main():
    parser = argparse.ArgumentParser(description="check the direction of includes")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    found = check(arguments.root)
    for line in found:
        print(line)
    if not found:
        print("layers: every include points down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
