"""The rows that are about files."""

import os

from harness import tree

NO_RUN = "0123456789abcdef0123456789abcdef"


def local(n):
    """A directory with files to log: a, "b c.txt" and sub/deep/d."""
    n.write("dir/a", "one")
    n.write("dir/b c.txt", "two\n")
    return os.path.dirname(os.path.dirname(os.path.dirname(n.write("dir/sub/deep/d", ""))))


def log_artifact(n):
    client = n.client
    run, place = n.new_run(), local(n)
    n.case("a file, into the root", client.log_artifact, run, os.path.join(place, "b c.txt"))
    n.case("the root then", client.list_artifacts, run)
    n.case("into a directory", client.log_artifact, run, os.path.join(place, "a"), "x/y")
    n.case("the directory then", client.list_artifacts, run, "x/y")
    n.write("dir/a", "longer")
    client.log_artifact(run, os.path.join(place, "a"), "x/y")
    n.case("one that is there is replaced", client.list_artifacts, run, "x/y")
    n.case("missing local file", client.log_artifact, run, os.path.join(place, "none"))
    n.case("out of the run", client.log_artifact, run, os.path.join(place, "a"), "../up")
    n.case("unknown run", client.log_artifact, NO_RUN, os.path.join(place, "a"))
    n.case("one argument", client.log_artifact, run)


def log_artifacts(n):
    client = n.client
    run, place = n.new_run(), local(n)
    n.case("the content of a directory", client.log_artifacts, run, place)
    n.case("the root then", client.list_artifacts, run)
    n.case("into a directory", client.log_artifacts, run, place, artifact_path="all")
    n.case("the directory then", client.list_artifacts, run, "all")
    n.case("with everything below", client.list_artifacts, run, "all/sub/deep")
    n.case("unknown run", client.log_artifacts, NO_RUN, place)
    n.case("one argument", client.log_artifacts, run)


def list_artifacts(n):
    client = n.client
    run, place = n.new_run(), local(n)
    n.case("nothing at first", client.list_artifacts, run)
    client.log_artifacts(run, place, "z")
    client.log_artifact(run, os.path.join(place, "a"))
    n.case("the root, sorted by path", client.list_artifacts, run)
    n.case("below a path", client.list_artifacts, run, "z")
    n.case("the path as a keyword", client.list_artifacts, run, path="z/sub")
    n.case("a file has nothing below it", client.list_artifacts, run, "z/a")
    n.case("nor has what is not there", client.list_artifacts, run, "none")
    n.case("out of the run", client.list_artifacts, run, "../..")
    n.case("unknown run", client.list_artifacts, NO_RUN)


def download_artifacts(n):
    client = n.client
    run, place = n.new_run(), local(n)
    client.log_artifacts(run, place, "in/it")

    def got(path, to=None):
        """What a download leaves in a directory, or in one of its own, and which path it gave."""
        if to is None:
            found = client.download_artifacts(run, path)
            return [type(found).__name__, os.path.basename(found.rstrip("/")),
                    os.path.isdir(found) or open(found).read()]
        os.makedirs(to)
        found = client.download_artifacts(run, path, to)
        return [os.path.relpath(found, to), tree(to)]

    n.case("a file", got, "in/it/b c.txt")
    n.case("a directory", got, "in/it")
    into = os.path.join(n.directory, "got")
    n.case("a file into a directory", got, "in/it/b c.txt", into + "1")
    n.case("a directory into one", got, "in/it", into + "2")
    n.case("everything into one", got, "", into + "3")
    n.case("nothing there", client.download_artifacts, run, "none")
    n.case("out of the run", client.download_artifacts, run, "../x")
    n.case("unknown run", client.download_artifacts, NO_RUN, "x")


ROWS = (log_artifact, log_artifacts, list_artifacts, download_artifacts)
