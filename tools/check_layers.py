#!/usr/bin/env python3
"""Fails when an #include or a CMake dependency goes against the layers of ARCHITECTURE.md.

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
    ["async"],
    ["log", "config", "metrics", "ledger", "net"],
    ["http", "redis", "amqp", "kube"],
    ["github", "store", "queue", "leader"],
    ["activity", "copilot", "backfill", "exposition", "health"],
    ["app"],
]

# (who, whom): why. Keep it short; two entries that point at each other are a cycle.
SAME_LAYER = {}

# The simulator must imitate GitHub, not our client: it may use what knows no word of our domain.
SIM_MAY_USE = {"base", "async", "log", "metrics", "http"}

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
COMPONENT = re.compile(r"^ghstats_component\(\s*(\w+)\s+DEPS\b([^)]*)", re.MULTILINE)


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


def check(root):
    found = list(check_cmake(root))
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
    print(f"check_layers self-test: {len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


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
