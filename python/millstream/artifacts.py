"""Artifacts by URI or by run, fetched, listed and read: `millstream.artifacts`.

A URI is "runs:/RUN_ID/PATH", "models:/NAME/VERSION/PATH" (or @ALIAS), a local path, or one that
lies below the artifact location of a run of the tracking server.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import tempfile
from typing import Any, Dict, List, NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from .entities import FileInfo
from .exceptions import MlflowException
from .fluent import active
from .tracking import MlflowClient

_BELOW_RUN = re.compile(r"/(?P<run_id>[0-9a-f]{32})/artifacts(?:/(?P<path>.*))?\Z")


class _Place(NamedTuple):
    """Where artifacts are: in a run, or (run_id None) in a local file or directory."""

    run_id: Optional[str]
    path: str


def _invalid(message: str) -> MlflowException:
    return MlflowException(message, error_code="INVALID_PARAMETER_VALUE")


def _client(tracking_uri: Optional[str], registry_uri: Optional[str] = None) -> Any:
    if tracking_uri is None and registry_uri is None:
        return active.client()
    return MlflowClient(tracking_uri, registry_uri)


def _version_uri(client: Any, name_and_rest: str) -> str:
    """The URI of the files behind "NAME/VERSION/PATH" or "NAME@ALIAS/PATH"."""
    reference, _, rest = name_and_rest.partition("/")
    if "@" in reference:
        version = client.get_model_version_by_alias(*reference.rsplit("@", 1))
    else:
        number, _, rest = rest.partition("/")
        version = client.get_model_version(reference, number)
    source = client.get_model_version_download_uri(version.name, version.version)
    return posixpath.join(source, rest) if rest else source


def _find(client: Any, uri: str) -> _Place:
    scheme = urlsplit(uri).scheme
    if scheme in ("", "file"):
        return _Place(None, unquote(urlsplit(uri).path) if scheme else uri)
    if scheme == "runs":
        run_id, _, path = uri[len("runs:"):].lstrip("/").partition("/")
        return _Place(run_id, path)
    if scheme == "models":
        return _find(client, _version_uri(client, uri[len("models:"):].lstrip("/")))
    below = _BELOW_RUN.search(uri)
    if below:
        root = client.get_run(below["run_id"]).info.artifact_uri.rstrip("/")
        if uri == root or uri.startswith(root + "/"):
            return _Place(below["run_id"], uri[len(root) + 1:])
    raise _invalid(f"{uri} is neither a local path nor below the artifacts of a run")


def _place(client: Any, artifact_uri: Optional[str], run_id: Optional[str],
           artifact_path: Optional[str]) -> _Place:
    if (artifact_uri is None) == (run_id is None):
        raise _invalid("Give either artifact_uri or run_id")
    if artifact_uri is None:
        return _Place(run_id, artifact_path or "")
    if artifact_path is not None:
        raise _invalid("artifact_path goes with run_id; artifact_uri has a path already")
    return _find(client, str(artifact_uri))


def _copy(path: str, directory: Optional[str]) -> str:
    if not os.path.exists(path):
        raise OSError(f"No such file or directory: {path}")
    if directory is None:
        return os.path.abspath(path)
    target = os.path.join(directory, os.path.basename(os.path.abspath(path)))
    if os.path.isdir(path):
        return str(shutil.copytree(path, target, dirs_exist_ok=True))
    return str(shutil.copy2(path, target))


def download_artifacts(artifact_uri: Optional[str] = None, run_id: Optional[str] = None,
                       artifact_path: Optional[str] = None, dst_path: Optional[str] = None,
                       tracking_uri: Optional[str] = None,
                       registry_uri: Optional[str] = None) -> str:
    """Fetch a file, or a directory with everything below it, and give its local path.

    Arguments:
        artifact_uri: see the top of this module; or
        run_id: the run, with
        artifact_path: a path in it; None: all its artifacts.
        dst_path: a local directory, made if missing; None: a new temporary one, or what lies on
            this machine already.
        tracking_uri, registry_uri: other servers than the ones that are set.

    Raises MlflowException with INVALID_PARAMETER_VALUE for arguments that contradict each other
    or a URI of another kind, and when there is nothing.

    >>> download_artifacts(run_id=run_id, artifact_path="model")          # doctest: +SKIP
    '/tmp/.../model'
    """
    client = _client(tracking_uri, registry_uri)
    place = _place(client, artifact_uri, run_id, artifact_path)
    if dst_path is not None:
        os.makedirs(dst_path, exist_ok=True)
    if place.run_id is None:
        return _copy(place.path, dst_path)
    return client.download_artifacts(place.run_id, place.path, dst_path)


def list_artifacts(artifact_uri: Optional[str] = None, run_id: Optional[str] = None,
                   artifact_path: Optional[str] = None,
                   tracking_uri: Optional[str] = None) -> List[FileInfo]:
    """What lies directly in a directory; arguments and errors as of `download_artifacts`.

    Paths are relative to the run's artifact location, of a local directory to the one above it.

    >>> [file.path for file in list_artifacts(run_id=run_id)]             # doctest: +SKIP
    ['model', 'notes.txt']
    """
    client = _client(tracking_uri)
    place = _place(client, artifact_uri, run_id, artifact_path)
    if place.run_id is not None:
        return client.list_artifacts(place.run_id, place.path or None)
    if not os.path.isdir(place.path):
        return []
    above = os.path.basename(os.path.abspath(place.path))
    with os.scandir(place.path) as entries:
        found = [FileInfo(f"{above}/{entry.name}", entry.is_dir(),
                          None if entry.is_dir() else entry.stat().st_size)
                 for entry in entries]
    return sorted(found, key=lambda info: info.path)


def _read(artifact_uri: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="millstream-") as aside:
        with open(download_artifacts(artifact_uri, dst_path=aside), "rb") as file:
            return file.read()


def _bad(artifact_uri: str, what: str) -> MlflowException:
    return MlflowException(f"{artifact_uri} is no {what}", error_code="BAD_REQUEST")


def load_text(artifact_uri: str) -> str:
    """The content of a text file in UTF-8.

    Raises MlflowException with BAD_REQUEST for other bytes.

    >>> load_text(f"runs:/{run_id}/notes.txt")                            # doctest: +SKIP
    'what I tried'
    """
    try:
        return _read(artifact_uri).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(artifact_uri, "text in UTF-8") from error


def load_dict(artifact_uri: str) -> Dict[str, Any]:
    """The content of a JSON file.

    Raises MlflowException with BAD_REQUEST for anything else.

    >>> load_dict(f"runs:/{run_id}/model.json")                           # doctest: +SKIP
    {'layers': [64, 32]}
    """
    import json

    text = load_text(artifact_uri)
    try:
        return json.loads(text)
    except ValueError as error:
        raise _bad(artifact_uri, "JSON") from error


def load_image(artifact_uri: str) -> Any:
    """A picture as a Pillow image.

    Raises MlflowException with BAD_REQUEST for what is no picture, ImportError without Pillow.

    >>> load_image(f"runs:/{run_id}/loss.png").size                       # doctest: +SKIP
    (640, 480)
    """
    import io

    try:
        import PIL.Image
    except ImportError as error:
        raise ImportError("Pictures need Pillow: pip install Pillow") from error
    try:
        image = PIL.Image.open(io.BytesIO(_read(artifact_uri)))
        image.load()
    except (PIL.UnidentifiedImageError, OSError, SyntaxError) as error:
        raise _bad(artifact_uri, "picture") from error
    return image
