"""Figures of Matplotlib and Plotly made into files, without importing either."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Mapping, Optional


_PLOTLY_IMAGES = (".png", ".jpeg", ".webp", ".svg", ".pdf")


def _is_a(figure: Any, module: str, name: str) -> bool:
    """Whether `figure` is of a class of `module`; who has made one has imported it."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(figure, kind)


def _write_plotly(figure: Any, path: str, keywords: Dict[str, Any]) -> None:
    extension = os.path.splitext(path)[1]
    if extension == ".html":
        figure.write_html(path, **{"include_plotlyjs": "cdn", "auto_open": False, **keywords})
    elif extension in _PLOTLY_IMAGES:
        figure.write_image(path, **keywords)
    else:
        raise TypeError(f"A Plotly figure is stored as .html or one of "
                        f"{', '.join(_PLOTLY_IMAGES)}, not as {extension!r}")


def save(figure: Any, path: str, save_kwargs: Optional[Mapping[str, Any]] = None) -> None:
    """Write a Matplotlib or Plotly figure to the file `path`, in the format of its ending.

    `save_kwargs` go to `savefig`, `write_html` or `write_image`.  Raises TypeError for what is
    no figure, or an ending that Plotly does not write.

    >>> save(figure, "loss.png", {"dpi": 200})                            # doctest: +SKIP
    """
    keywords = dict(save_kwargs or {})
    if _is_a(figure, "matplotlib.figure", "Figure"):
        figure.savefig(path, **keywords)
    elif _is_a(figure, "plotly.graph_objects", "Figure"):
        _write_plotly(figure, path, keywords)
    else:
        raise TypeError(f"{type(figure).__name__} is no figure of Matplotlib or Plotly")


def log_figure(client, run_id: str, figure: Any, artifact_file: str, *,
               save_kwargs: Optional[Mapping[str, Any]] = None) -> None:
    """Store a figure as an artifact; see `MlflowClient.log_figure`."""
    with client._file_to_log(run_id, artifact_file) as path:
        save(figure, path, save_kwargs)
