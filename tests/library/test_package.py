"""What `make install` puts into place is enough for other projects, in C and in C++, through
pkg-config and through CMake, wherever the tree lies."""

import pathlib
import subprocess

import pytest

import harness
import installed

ROOT = pathlib.Path(harness.ROOT)

OUTSIDE = """
#include <millstream/millstream.h>
#include <stdio.h>

int main(void)
{
    struct mill_error err;
    char uri[64];
    if (mill_set_tracking_uri(mill_text("http://127.0.0.1:1"), &err) != MILL_OK)
        return 1;
    mill_tracking_uri(uri, sizeof(uri));
    printf("%s %s\\n", uri, mill_status_get_info(MILL_E_EXISTS)->name);
    return 0;
}
"""
PRINTED = "http://127.0.0.1:1 MILL_E_EXISTS\n"

CMAKE = """
cmake_minimum_required(VERSION 3.18)
project(outside C CXX)
find_package(millstream {version} REQUIRED)
find_package(millstream REQUIRED) # a second time does no harm
foreach(language c cpp)
  add_executable(outside_${{language}} outside.${{language}})
  target_link_libraries(outside_${{language}} PRIVATE millstream::millstream)
endforeach()
"""


@pytest.fixture
def outside(tmp_path):
    """A project that knows nothing of ours."""
    for suffix in ("c", "cpp"):
        (tmp_path / f"outside.{suffix}").write_text(OUTSIDE)
    return tmp_path


def test_headers(package):
    ours = {path.name for path in (ROOT / "include" / "millstream").glob("*.h")}
    there = {path.name for path in (package.prefix / "include" / "millstream").iterdir()}
    assert there == ours - {"server.h"}


def test_no_path_of_the_build_is_left(package):
    for pattern in ("pkgconfig/*.pc", "cmake/millstream/*.cmake"):
        files = list(package.libdir.glob(pattern))
        assert files != []
        for path in files:
            text = path.read_text()
            assert str(ROOT) not in text and "/usr" not in text and "/tmp" not in text, path


@pytest.mark.parametrize("standard,suffix", [("c99", "c"), ("c11", "c"), ("c++17", "cpp")])
def test_pkg_config(package, outside, standard, suffix):
    program = package.build(outside / "program", outside / f"outside.{suffix}", standard=standard)
    assert installed.run([program], env=package.environment()) == PRINTED
    assert package.pkg_config("--modversion") == [version(package)]


def version(package):
    """That of the program beside the library."""
    printed = installed.run([package.prefix / "bin" / "millstream", "--version"],
                            env=package.environment())
    return printed.split()[1]


def configure(package, project, wanted):
    (project / "CMakeLists.txt").write_text(CMAKE.format(version=wanted))
    return subprocess.run(
        ["cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={package.prefix}"],
        capture_output=True, text=True, timeout=installed.SECONDS, check=False,
        env=package.environment())


def test_cmake(package, outside):
    major, minor, _ = version(package).split(".")
    done = configure(package, outside, f"{major}.{minor}")
    assert done.returncode == 0, done.stderr
    installed.run(["cmake", "--build", outside / "build"], env=package.environment())
    for suffix in ("c", "cpp"):
        # CMake tells the program where the library is; the variable is not needed.
        printed = installed.run([outside / "build" / f"outside_{suffix}"], env={})
        assert printed == PRINTED


@pytest.mark.parametrize("wanted", ["0.999", "1", "0.0.1 EXACT"])
def test_cmake_refuses_other_versions(package, outside, wanted):
    done = configure(package, outside, wanted)
    assert done.returncode != 0
    assert f"version: {version(package)}" in done.stderr, done.stderr


def test_cmake_misses_the_library(package, outside, tmp_path):
    """A tree without its library is not taken for an installed one."""
    copy = tmp_path / "broken" / "lib" / "cmake" / "millstream"
    copy.mkdir(parents=True)
    for path in (package.libdir / "cmake" / "millstream").iterdir():
        (copy / path.name).write_text(path.read_text())
    broken = installed.Package.__new__(installed.Package)
    broken.prefix, broken.libdir = tmp_path / "broken", tmp_path / "broken" / "lib"
    done = configure(broken, outside, "0.1")
    assert done.returncode != 0 and "is missing" in done.stderr, done.stderr
