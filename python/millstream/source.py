"""Tags that say where a run comes from: its user, script or notebook, and commit.

`tags` is called once for each run that starts.  What nobody knows is left out; a tag is never a
reason to fail.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Callable, Dict, Mapping, Optional

from . import environment, git

_log = logging.getLogger(__name__)

USER = "mlflow.user"
NAME = "mlflow.source.name"
TYPE = "mlflow.source.type"
COMMIT = "mlflow.source.git.commit"
BRANCH = "mlflow.source.git.branch"
REPOSITORY = "mlflow.source.git.repoURL"


def _user_of_credentials_file() -> Optional[str]:
    import configparser

    path = os.path.expanduser("~/.mlflow/credentials")
    if not os.path.exists(path):
        return None
    config = configparser.ConfigParser(interpolation=None)
    config.read(path, "utf-8")
    return config.get("mlflow", "mlflow_tracking_username", fallback=None)


def user() -> str:
    """Who runs this: the tracking server's user, else the system's, else "unknown".

    >>> user() != ""
    True
    """
    import getpass

    name = environment.get("MLFLOW_TRACKING_USERNAME") or _user_of_credentials_file()
    if name:
        return str(name)
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "unknown"


def _main_file() -> Optional[str]:
    return sys.argv[0] if sys.argv and sys.argv[0] else None


def _of_process() -> Dict[str, str]:
    return {USER: user(), NAME: _main_file() or "<console>", TYPE: "LOCAL"}


def _of_git() -> Dict[str, str]:
    main_file = _main_file()
    if main_file is None or not os.path.exists(main_file):
        return {}
    path = os.path.abspath(main_file)
    found = git.checkout(os.path.dirname(path) if os.path.isfile(path) else path)
    if found is None:
        return {}
    tags = {COMMIT: found.commit, BRANCH: found.branch, REPOSITORY: found.repository_url}
    return {key: value for key, value in tags.items() if value is not None}


def _of_notebook() -> Dict[str, str]:
    # Whoever runs in a notebook has imported IPython long before.
    if "IPython" not in sys.modules:
        return {}
    from . import notebook

    if not notebook.is_running():
        return {}
    name = notebook.name()
    return {TYPE: "NOTEBOOK", **({NAME: name} if name else {})}


def _of_launcher() -> Dict[str, str]:
    given = environment.get("MLFLOW_RUN_CONTEXT")
    return json.loads(str(given)) if given is not None else {}


# Later ones replace what earlier ones said.
_ORIGINS: tuple[Callable[[], Dict[str, str]], ...] = (
    _of_process, _of_git, _of_notebook, _of_launcher)


def tags(given: Optional[Mapping[str, object]] = None) -> Dict[str, object]:
    """Tags of a run that starts here and now, with `given` ones on top.

    Never raises; an origin that cannot be read is told in a warning.

    >>> tags({"team": "blue"})["team"]
    'blue'
    """
    found: Dict[str, object] = {}
    for origin in _ORIGINS:
        try:
            found.update(origin())
        except Exception as error:  # whatever it is: the run counts, not its tags
            _log.warning("Tags of the run's origin are incomplete: %s", error)
    found.update(given or {})
    return found
