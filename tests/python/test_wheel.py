"""The wheel as somebody gets it: what is in it, and that it works where there is nothing else."""

import email
import re
import shutil
import subprocess
import tarfile
import zipfile

import pytest

import harness
import interpreters

VERSIONS = interpreters.there(interpreters.OLDEST, interpreters.OWN, interpreters.NEWEST)
# What every Linux with the glibc of the tag has, as the rules of these tags say.
SYSTEM = re.compile(
    r"^(ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|z|expat))\.so")


@pytest.fixture(scope="module")
def names():
    with zipfile.ZipFile(interpreters.wheel()) as packed:
        return packed.namelist()


def read(ending):
    """The one file of the wheel whose path ends so."""
    with zipfile.ZipFile(interpreters.wheel()) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(ending)]
        return packed.read(name).decode("utf-8")


def test_one_wheel_for_all_pythons():
    assert re.fullmatch(r"millstream-[0-9.]+-cp39-abi3-manylinux_2_\d+_x86_64\.whl",
                        interpreters.wheel().name)
    tags = email.message_from_string(read(".dist-info/WHEEL"))
    assert tags.get_all("Tag") == [interpreters.wheel().name.split("-", 2)[2][:-len(".whl")]]


def test_what_it_says_of_itself():
    said = email.message_from_string(read(".dist-info/METADATA"))
    version = subprocess.run([harness.program(), "--version"], capture_output=True, text=True,
                             check=True).stdout.split()[1]
    assert said["Name"] == "millstream" and said["Version"] == version
    assert said["Requires-Python"] == ">=3.9"
    assert said.get_all("Requires-Dist") is None
    assert said["License-Expression"] == "Apache-2.0"
    assert "## The first minute" in said.get_payload()


def test_the_sources_are_in_it(names):
    """Every file of the package, and none that lies about elsewhere."""
    package = interpreters.ROOT / "python" / "millstream"
    wanted = {f"millstream/{path.relative_to(package)}" for path in package.rglob("*")
              if path.suffix in (".py", ".pyi", ".typed") or path.name == "py.typed"}
    got = {name for name in names if name.startswith("millstream/") and not name.endswith("/")}
    assert got - {"millstream/_millstream.abi3.so", "millstream/bin/millstream"} == wanted


def test_licenses_of_what_it_carries(names):
    """One file each for ours, for what was compiled in, and for the packages of the libraries,
    some of which have several."""
    carried = [name for name in names if name.startswith("millstream.libs/")]
    licenses = [name for name in names if "/licenses/" in name]
    assert any(name.endswith("/LICENSE") for name in licenses)
    for part in ("libcurl", "libssl", "libsqlite3", "libuv", "libsimdjson", "libyaml"):
        assert any(part in name for name in carried), part
        assert any(f"/{part}" in name for name in licenses), part


def dynamic(path, kind):
    """What an ELF file says: NEEDED or RUNPATH."""
    said = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True)
    return re.findall(rf"\({kind}\).*\[(.*)\]", said.stdout)


def test_nothing_is_looked_for_outside():
    place = interpreters.module_path()
    carried = {path.name for path in (place / "millstream.libs").iterdir()}
    files = [*(place / "millstream.libs").iterdir(), place / "millstream" / "_millstream.abi3.so",
             place / "millstream" / "bin" / "millstream"]
    for path in files:
        for name in dynamic(path, "NEEDED"):
            assert name in carried or SYSTEM.match(name), f"{path.name} needs {name}"
        for found in dynamic(path, "R(?:UN)?PATH"):
            assert all(part.startswith("$ORIGIN") for part in found.split(":")), path.name


def without_network():
    """Words that run a command without a network, where that is allowed."""
    words = [shutil.which("unshare"), "--net", "--map-root-user"]
    allowed = words[0] is not None and subprocess.run(
        [*words, "true"], capture_output=True, check=False).returncode == 0
    return words if allowed else []


@pytest.fixture(scope="module", params=VERSIONS)
def installed(request, tmp_path_factory):
    """The directory of programs of a new environment with the wheel in it; it was installed
    without a network and without a compiler."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([interpreters.find(request.param), "-m", "venv", home], check=True)
    programs = home / "bin"
    subprocess.run([*without_network(), programs / "python", "-m", "pip", "install", "-q",
                    "--no-index", "--disable-pip-version-check", interpreters.wheel()],
                   env=dict(interpreters.environment(), PATH=f"{programs}:/usr/bin/nothing"),
                   check=True)
    return programs


TRACK = """
import sys, millstream
from millstream.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
run = client.create_run("0", run_name="first")
client.log_metric(run.info.run_id, "loss", 0.5, step=3)
print(client.get_run(run.info.run_id).data.metrics, millstream.__version__)
print({line.split()[-1] for line in open("/proc/self/maps") if ".so" in line and "/usr/lib" in line})
"""


def test_it_tracks(installed, tmp_path, place_of):
    """Files, a database, and a server that the wheel itself has brought."""
    server = place_of("server").uri
    for uri in (f"file://{tmp_path}/mlruns", f"sqlite:///{tmp_path}/tracking.db", server):
        done = interpreters.run(installed / "python", "-c", TRACK, uri, cwd=tmp_path, paths=(),
                                HOME=str(tmp_path), MILLSTREAM_MODE="strict")
        assert done.returncode == 0, done.stdout
        said, libraries = done.stdout.splitlines()
        assert said.startswith("{'loss': 0.5} "), said
        assert not re.search("curl|ssl|crypto|sqlite|simdjson|yaml", libraries), libraries


def test_the_program_comes_along(installed, tmp_path):
    program = installed / "millstream"
    environment = interpreters.environment(HOME=str(tmp_path), MILLSTREAM_MODE="strict")
    said = subprocess.run([program, "runs", "create", "0", "-T", f"sqlite:///{tmp_path}/t.db"],
                          capture_output=True, text=True, env=environment, check=False)
    assert said.returncode == 0, said.stderr
    wrong = subprocess.run([program, "no-such-command"], capture_output=True, env=environment,
                           check=False)
    assert wrong.returncode == 2


def test_a_server_of_it(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("MILLSTREAM_BINARY", str(installed / "millstream"))
    with harness.Server(tmp_path) as server:
        assert server.call("runs/create", {"experiment_id": "0"}).status == 200


def test_the_source_distribution_is_whole():
    (packed,) = (interpreters.ROOT / "dist").glob("millstream-*.tar.gz")
    with tarfile.open(packed) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("pyproject.toml", "meson.build", "LICENSE", "python/README.md",
                 "python/millstream/__init__.py", "include/millstream/millstream.h"):
        assert name in names


@pytest.mark.skipif(not harness.LONG, reason="compiles all: in long mode")
def test_the_source_distribution_builds(tmp_path):
    (packed,) = (interpreters.ROOT / "dist").glob("millstream-*.tar.gz")
    subprocess.run(["python3", "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([tmp_path / "venv/bin/pip", "install", "-q", packed], check=True)
    done = interpreters.run(tmp_path / "venv/bin/python", "-c", TRACK,
                            f"file://{tmp_path}/mlruns", cwd=tmp_path, paths=())
    assert done.returncode == 0, done.stdout
