"""Which commit, branch and remote a directory has, asked of `git` only where there is one.

A look at the parents' `.git` comes first, so that a script outside of any repository starts no
process.  Inside of one the questions are put to three processes at once, a few milliseconds in
all, and never more than PATIENCE_S.
"""

from __future__ import annotations

import functools
import os
import subprocess
import time
from typing import Dict, List, NamedTuple, Optional
from urllib.parse import urlsplit, urlunsplit

# Seconds for all questions together: a repository on a stalled mount must not hold a training.
PATIENCE_S = 2.0

_QUESTIONS = {
    "head": ["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"],
    "remotes": ["config", "--get-regexp", r"^remote\..*\.url$"],
    "ignored": ["check-ignore", "-q", "."],
}


class Checkout(NamedTuple):
    """What is known of the repository that a directory belongs to."""

    commit: str
    branch: Optional[str]
    repository_url: Optional[str]


def without_credentials(url: str) -> str:
    """`url` without the user and the password in it; other spellings as they are.

    >>> without_credentials("https://me:secret@example.org/a.git")
    'https://example.org/a.git'
    """
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _is_in_repository(directory: str) -> bool:
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return False
        directory = parent
    return True


def _ask(directory: str) -> Dict[str, subprocess.Popen]:
    # A hook's own GIT_DIR speaks of another repository than the one asked about.
    surroundings = {name: value for name, value in os.environ.items()
                    if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    surroundings["GIT_OPTIONAL_LOCKS"] = "0"
    return {name: subprocess.Popen(["git", *arguments], cwd=directory, env=surroundings,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
            for name, arguments in _QUESTIONS.items()}


def _answers(asked: Dict[str, subprocess.Popen]) -> Dict[str, Optional[List[str]]]:
    """The lines that each question got, None where git said no."""
    latest = time.monotonic() + PATIENCE_S
    lines = {}
    try:
        for name, process in asked.items():
            text, _ = process.communicate(timeout=max(latest - time.monotonic(), 0))
            lines[name] = (text.decode("utf-8", "replace").splitlines()
                           if process.returncode == 0 else None)
    finally:
        for process in asked.values():
            if process.poll() is None:
                process.kill()
                process.communicate()
    return lines


@functools.lru_cache(maxsize=32)
def checkout(directory: str) -> Optional[Checkout]:
    """The repository of `directory`, an absolute path; asked once for each directory.

    None outside of one, before its first commit, where the directory is ignored by it, and where
    `git` is missing or answers too late.

    >>> checkout("/") is None
    True
    """
    if not _is_in_repository(directory):
        return None
    try:
        lines = _answers(_ask(directory))
    except (OSError, subprocess.TimeoutExpired):
        return None
    if lines["head"] is None or lines["ignored"] is not None:
        return None
    commit, reference = lines["head"]
    branch = reference[len("refs/heads/"):] if reference.startswith("refs/heads/") else None
    url = lines["remotes"][0].split(" ", 1)[1] if lines["remotes"] else None
    return Checkout(commit, branch, url and without_credentials(url))
