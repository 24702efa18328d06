"""Artifacts by URI or by run, fetched, listed and read: `millstream.artifacts`.

A URI is "runs:/RUN_ID/PATH", "models:/NAME/VERSION/PATH" (or @ALIAS, /latest, a stage),
"models:/MODEL_ID/PATH", a local path, or an artifact location that this machine reaches.  Below a run
that has made a logged model of the name with which PATH begins, its files are found, too.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from typing import Any, Dict, List, Optional
from urllib.parse import unquote, urlsplit

from .entities import FileInfo
from .exceptions import MlflowException
from .fluent import active
from .tracking import MlflowClient

_invalid = MlflowException.invalid_parameter_value

# What names a version of a registered model, and not a logged model.
_VERSION = re.compile(r"models:/(?!m-[0-9a-f]{32}(?:/|\Z))"
                      r"(?P<name>[^/@]+)(?:@(?P<alias>[^/]+)|/(?P<suffix>[^/]+))"
                      r"(?:/(?P<path>.*))?\Z")


def _client(tracking_uri: Optional[str], registry_uri: Optional[str] = None) -> Any:
    if tracking_uri is None and registry_uri is None:
        return active.client()
    return MlflowClient(tracking_uri, registry_uri)


def _local(uri: str) -> Optional[str]:
    """The path of a local file or directory; None for any other URI."""
    scheme = urlsplit(uri).scheme
    if scheme in ("", "file"):
        return unquote(urlsplit(uri).path) if scheme else uri
    return None


def _number(client: Any, name: str, alias: Optional[str], suffix: Optional[str]) -> str:
    """The version of a registered model that an alias, "latest", a stage or its number names."""
    if suffix is not None and suffix.isdigit():
        return suffix
    if alias is not None or str(suffix).lower() == "latest":
        return str(client.get_model_version_by_alias(name, alias or "latest").version)
    if str(suffix).capitalize() not in ("None", "Staging", "Production", "Archived"):
        raise _invalid(f'{suffix!r} of models:/{name}/{suffix} is neither a version nor "latest" '
                       "nor a stage")
    found = client.get_latest_versions(name, [suffix])
    if not found:
        raise MlflowException(f"{name} has no version in stage {suffix}",
                              error_code="RESOURCE_DOES_NOT_EXIST")
    return str(found[0].version)


def _location(client: Any, uri: str) -> str:
    """Where the files of a version are that a URI names; the slash at the end of a whole location
    says that its content is meant.  Other URIs stay as they are."""
    named = _VERSION.match(uri)
    if named is None:
        return uri
    number = _number(client, named["name"], named["alias"], named["suffix"])
    root = client.get_model_version_download_uri(named["name"], number).rstrip("/")
    return f"{root}/{named['path'] or ''}"


def _resolved(client: Any, uri: str) -> str:
    """A URI that the tracking store's client knows all about: versions of another registry are
    looked up there."""
    return uri if client._registry_uri is None else _location(client, uri)


def _uri(artifact_uri: Optional[str], run_id: Optional[str],
         artifact_path: Optional[str]) -> str:
    """One URI for whichever arguments there are."""
    if (artifact_uri is None) == (run_id is None):
        raise _invalid("Give either artifact_uri or run_id")
    if artifact_uri is None:
        return f"runs:/{run_id}/{artifact_path or ''}"
    if artifact_path is not None:
        raise _invalid("artifact_path goes with run_id; artifact_uri has a path already")
    return str(artifact_uri)


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
    uri = _uri(artifact_uri, run_id, artifact_path)
    if dst_path is not None:
        os.makedirs(dst_path, exist_ok=True)
    here = _local(uri) or (_local(_location(client, uri)) if dst_path is None else None)
    if here is not None:
        return _copy(here, dst_path)
    from .progress import Bar

    with Bar("Downloading") as bar:
        return os.path.abspath(client._download_uri(
            _resolved(client, uri), dst_path or tempfile.mkdtemp(prefix="millstream-"), bar))


def list_artifacts(artifact_uri: Optional[str] = None, run_id: Optional[str] = None,
                   artifact_path: Optional[str] = None,
                   tracking_uri: Optional[str] = None) -> List[FileInfo]:
    """What lies directly in a directory; arguments and errors as of `download_artifacts`.

    Paths are relative to the artifact location of the run or model, of any other directory to the
    one above it.

    >>> [file.path for file in list_artifacts(run_id=run_id)]             # doctest: +SKIP
    ['model', 'notes.txt']
    """
    client = _client(tracking_uri)
    uri = _uri(artifact_uri, run_id, artifact_path)
    here = _local(uri)
    if here is None:
        return client._list_uri(_resolved(client, uri))
    if not os.path.isdir(here):
        return []
    above = os.path.basename(os.path.abspath(here))
    with os.scandir(here) as entries:
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
