#!/usr/bin/env python3
"""Checks the rules of the tree that a compiler does not: who may include whom, internal headers
that compile alone (tools/check-headers has the public ones), banned functions, documented public
headers, a first line that says what a file is for. Prints file:line: message for each violation;
exits with 1 if there is any.

Usage: tools/check-layers.py [--no-compile]
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent

# layer: the layers whose headers it may include, besides its own and <millstream/...>.
MAY_INCLUDE = {
    "base": set(),
    "net": {"base"},
    "model": {"base"},
    "query": {"base", "model"},
    "wire": {"base", "model"},
    "store": {"base", "model", "query"},
    "artifact": {"base", "model", "query"},
    "remote": {"base", "net", "wire"},
    "files": {"base", "model", "wire", "artifact", "remote"},
    "client": {"base", "model", "query", "wire", "store", "artifact", "remote", "files"},
    "logger": {"base", "model", "wire", "artifact", "client"},
    "server": {"base", "net", "model", "query", "wire", "store", "artifact"},
    "cli": {"base"},
    # Over the public headers, as any other program.
    "python": set(),
}

# The outside libraries, by the beginning of the header's name, and the layers that own them.
OUTSIDE = {
    "sqlite3.h": {"store"},
    "yaml.h": {"store"},
    "simdjson.h": {"wire"},
    "uv.h": {"server"},
    "llhttp.h": {"server"},
    "curl/": {"net", "remote", "server"},
    "expat.h": {"files"},
    "openssl/": {"server", "artifact", "files", "store"},
    "pcre2.h": {"server"},
    "Python.h": {"python"},
    "structmember.h": {"python"},
    "zlib.h": {"server", "artifact", "files", "logger"},
}

# function: what to call instead.
BANNED = {
    "strcpy": "memcpy or mill_buf",
    "strcat": "mill_buf",
    "sprintf": "snprintf or mill_buf",
    "vsprintf": "vsnprintf or mill_buf",
    "strtok": "mill_view_cut",
    "gmtime": "gmtime_r",
    "localtime": "localtime_r",
    "atoi": "mill_view_int",
    "atol": "mill_view_int",
}
# Only base/alloc.c calls these: a test can then make any allocation fail.
ALLOCATORS = ("malloc", "calloc", "realloc", "strdup", "strndup", "asprintf")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join([*BANNED, *ALLOCATORS]))
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
PUBLIC = re.compile(r"^(MILL_API\b|(struct|enum|union) mill_\w+ \{)", re.M)


class Report:
    def __init__(self):
        self.count = 0

    def add(self, path, line, message):
        self.count += 1
        print(f"{path.relative_to(TOP)}:{line}: {message}")


def blanked(text):
    """The text without comments and literals, every line in its place."""
    return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_quoted_include(report, path, line, name, layer):
    target = name.split("/")[0]
    if layer == "python":
        if not (path.parent / name).is_file():
            report.add(path, line, f'"{name}": the extension includes only its own and <...>')
    elif layer == "include":
        report.add(path, line, f'"{name}": a public header includes only <...>')
    elif "/" not in name or target not in MAY_INCLUDE:
        report.add(path, line, f'"{name}": write includes from src/, as "base/buf.h"')
    elif target != layer and target not in MAY_INCLUDE[layer]:
        report.add(path, line, f'"{name}": {layer} must not include {target}')


def check_system_include(report, path, line, name, layer):
    for start, layers in OUTSIDE.items():
        if name.startswith(start) and layer not in layers:
            report.add(path, line, f"<{name}> belongs to {', '.join(sorted(layers))}, not {layer}")


def check_includes(report, path, text, layer):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match is None:
            continue
        quoted = match.group(1) == '"'
        check = check_quoted_include if quoted else check_system_include
        check(report, path, number, match.group(2), layer)


def check_calls(report, path, text):
    for number, line in enumerate(blanked(text).splitlines(), 1):
        for name in CALL.findall(line):
            if name in BANNED:
                report.add(path, number, f"{name}: use {BANNED[name]}")
            elif path.parent.name != "base" or path.stem != "alloc":
                report.add(path, number, f"{name}: use mill_alloc and its kin")


def check_documented(report, path, text):
    """Every public declaration stands in a paragraph with a comment that says since when."""
    for paragraph in re.finditer(r"(?:^[^\n]+\n)+", text, re.M):
        found = PUBLIC.search(paragraph.group())
        if found is None:
            continue
        line = text.count("\n", 0, paragraph.start() + found.start()) + 1
        before = paragraph.group()[: found.start()]
        if "/*" not in before:
            report.add(path, line, "public declaration without a comment above it")
        elif "Since" not in before:
            report.add(path, line, 'public comment without "Since <version>."')


def compile_alone(path):
    command = [os.environ.get("CC", "cc"), "-std=c11", "-fsyntax-only", "-Wall", "-Wextra",
               "-Wpedantic", "-Werror", "-D_GNU_SOURCE", f"-I{TOP}/include", f"-I{TOP}/src",
               "-isystem/usr/share/include/llhttp", "-x", "c"]
    # Through stdin, so that the header is not the main file, where static functions would be
    # reported as unused.
    done = subprocess.run([*command, "-"], input=f'#include "{path}"\nextern int not_empty;\n',
                          text=True, capture_output=True, check=False)
    return path, done.returncode, done.stderr


def check_headers(report, headers):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, errors in pool.map(compile_alone, headers):
            if status != 0:
                report.add(path, 1, f"does not compile alone:\n{errors.rstrip()}")


def sources(*folders):
    for folder in folders:
        for path in sorted((TOP / folder).rglob("*")):
            if path.suffix in {".c", ".h", ".cpp"}:
                yield path


def main(arguments):
    report = Report()
    for path in sources("include", "src", "python", "tests"):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(TOP).parts
        if not text.startswith("/*"):
            report.add(path, 1, "does not open with a comment that says what it is for")
        if parts[0] == "tests":
            continue
        layer = parts[1] if parts[0] == "src" else parts[0]
        if layer != "include" and layer not in MAY_INCLUDE:
            report.add(path, 1, f"{layer} is not a layer: add it to tools/check-layers.py")
            continue
        check_includes(report, path, text, layer)
        check_calls(report, path, text)
        if layer == "include":
            check_documented(report, path, text)
    if "--no-compile" not in arguments:
        check_headers(report, [path for path in sources("src") if path.suffix == ".h"])
    return 1 if report.count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
