"""mlruns trees of four generations of MLflow and of ours: each reads what the other wrote, with
equal values, and goes on where the other left off."""

import subprocess

import pytest

from . import envs, recorded, trees

TODAY, OLDEST = "client-3.17.2", "client-0.9.1"
GENERATIONS = {"client-3.17.2": False, "client-2.22.5": False, "client-1.30.1": True,
               "client-0.9.1": True}


@pytest.fixture(params=GENERATIONS)
def generation(request):
    try:
        envs.ensure(request.param)
    except envs.Missing as missing:
        if not GENERATIONS[request.param]:
            raise
        pytest.skip(f"{request.param} left out: {missing}")
    return request.param


def assert_same(theirs, ours):
    lines = trees.differences(theirs, ours)
    assert not lines, f"{len(lines)} differences:\n" + "\n".join(lines)


def assert_yaml_is_theirs(tree):
    """Every meta.yaml is to the byte what MLflow's writer makes of its content."""
    files = [str(path) for path in tree.rglob("meta.yaml")]
    assert files
    python = envs.ensure(TODAY)
    done = subprocess.run([str(python), "-c", """
import sys, yaml
for path in sys.argv[1:]:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    wanted = yaml.dump(yaml.load(text, yaml.CSafeLoader), default_flow_style=False,
                       allow_unicode=True, Dumper=yaml.CSafeDumper)
    assert text == wanted, path + ":\\n" + text + "\\nwanted:\\n" + wanted
""", *files], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", GENERATIONS)
def test_recorded_tree(name, tmp_path):
    """The same without the client: what it made and read there is in a file."""
    packed = recorded.load(recorded.tree_path(name))
    trees.unpack(packed["tree"], tmp_path / "mlruns")
    with trees.OurTree(tmp_path / "mlruns", tmp_path / "home") as ours:
        assert_same(packed["read"], ours.read())


def test_tree_of_theirs(generation, tmp_path):
    """Theirs, changed by ours, changed by theirs: after each step all say the same of it."""
    tree = tmp_path / "mlruns"
    made = trees.run_official(generation, "make,read", tree)
    with trees.OurTree(tree, tmp_path / "home") as ours:
        assert len(made["runs"]) == 6
        assert_same(made, ours.read())
        ours.change("exp one: n\u00e9", old=generation == OLDEST)
        assert_same(trees.run_official(generation, "read", tree), ours.read())
        changed = trees.run_official(generation, "change,read", tree)
        assert changed != made
        assert_same(changed, ours.read())
        if generation == TODAY:
            assert_yaml_is_theirs(tree)
    # And as somebody sees it who opens it only now.
    with trees.OurTree(tree, tmp_path / "home") as ours:
        assert_same(changed, ours.read())


def test_tree_of_ours(generation, tmp_path):
    tree = tmp_path / "mlruns"
    with trees.OurTree(tree, tmp_path / "home") as ours:
        ours.make(points=generation != OLDEST)
        assert_same(trees.run_official(generation, "read", tree), ours.read())
        assert_yaml_is_theirs(tree)
        if generation != OLDEST:
            changed = trees.run_official(generation, "change,read", tree)
            assert_same(changed, ours.read())
