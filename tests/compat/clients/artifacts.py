"""Artifacts through the server's proxy, for generations that know `mlflow-artifacts:`."""

import os

from harness import tree

BIG_BYTES = 30 << 20


def _write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def listing(r, client, run_id, names):
    for name in names:
        r.step("list %r" % name, client.list_artifacts, run_id, name)


def transfer(r, client, run_id, download):
    """Everything that goes up comes down the same; `download(run_id, path, directory)`."""
    here = os.path.join(r.directory, "up")
    folder = os.path.join(here, "folder")
    _write(os.path.join(folder, "one.txt"), b"one")
    _write(os.path.join(folder, "deep", "er", "two.bin"), bytes(range(256)))
    _write(os.path.join(folder, "empty"), b"")
    _write(os.path.join(folder, "sp ace", "żółw 日本.txt"), "ünï".encode("utf-8"))
    _write(os.path.join(folder, "a+b&c=d.txt"), b"odd")
    big = _write(os.path.join(here, "big.bin"), bytes(range(256)) * (BIG_BYTES // 256))

    r.step("list nothing", client.list_artifacts, run_id)
    r.step("log artifact", client.log_artifact, run_id, os.path.join(folder, "one.txt"))
    r.step("log artifact below", client.log_artifact, run_id, os.path.join(folder, "one.txt"), "x/y")
    r.step("log artifact over", client.log_artifact, run_id,
           os.path.join(folder, "deep", "er", "two.bin"), "x/y")
    r.step("log artifacts", client.log_artifacts, run_id, folder)
    r.step("log artifacts below", client.log_artifacts, run_id, folder, "all/of it")
    r.step("log big artifact", client.log_artifact, run_id, big)
    r.step("log missing file", client.log_artifact, run_id, os.path.join(here, "nothing"))
    r.step("log text", client.log_text, run_id, "text ü\n", "notes/text.txt")
    r.step("log dict", client.log_dict, run_id, {"a": [1, None, "ü"]}, "notes/dict.json")
    r.step("log yaml", client.log_dict, run_id, {"a": [1, None]}, "notes/dict.yaml")
    r.step("log text over", client.log_text, run_id, "again", "notes/text.txt")
    listing(r, client, run_id, [None, "x", "x/y", "notes", "sp ace", "all/of it", "one.txt",
                                "nothing", "all/of it/deep/er"])
    for name in ("one.txt", "big.bin", "sp ace/żółw 日本.txt", "a+b&c=d.txt", "empty", "notes",
                 "all/of it", "nothing", "x/y/two.bin", "notes/dict.json"):
        target = os.path.join(r.directory, "down-%d" % len(r.steps))
        os.makedirs(target)
        r.step("download %r" % name, lambda: bool(download(run_id, name, target)))
        r.step("downloaded %r" % name, tree, target)
    target = os.path.join(r.directory, "everything")
    os.makedirs(target)
    r.step("download everything", lambda: bool(download(run_id, "", target)))
    r.step("downloaded everything", tree, target)


def deletion(r, client, run_id, repository):
    """What the client's artifact store deletes is gone from the lists."""
    r.step("delete artifact", repository.delete_artifacts, "one.txt")
    r.step("delete artifact again", repository.delete_artifacts, "one.txt")
    r.step("delete folder", repository.delete_artifacts, "all")
    r.step("list after deletion", client.list_artifacts, run_id)
    r.step("delete everything", repository.delete_artifacts)
    r.step("list after deleting everything", client.list_artifacts, run_id)
