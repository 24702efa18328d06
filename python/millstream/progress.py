"""How far a transfer has come: a line in a terminal, a bar in a notebook, else nothing.

Off with MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR=false.
"""

from __future__ import annotations

import html
import shutil
import sys
import time
from typing import Any, Optional

from . import environment, notebook

# Seconds: transfers shorter than that show nothing, and nothing is drawn more often than that.
DELAY_S = 0.5
PAUSE_S = 0.1

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size_text(count: float) -> str:
    """A number of bytes for people.

    >>> size_text(1536)
    '1.5 KiB'
    """
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("the last unit takes everything")


class _Terminal:
    """One line that is written over."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def draw(self, description: str, share: Optional[float], numbers: str) -> None:
        width = shutil.get_terminal_size().columns
        room = min(30, width - len(description) - len(numbers) - 12)
        bar = ""
        if share is not None and room > 0:
            full = int(share * room)
            bar = f" {share:4.0%} [{'#' * full}{' ' * (room - full)}]"
        self._stream.write(f"\r{description}{bar} {numbers}"[:width] + "\x1b[K")
        self._stream.flush()

    def close(self) -> None:
        self._stream.write("\n")
        self._stream.flush()


class _Notebook:
    """One output that is replaced."""

    def __init__(self) -> None:
        self._handle: Optional[Any] = None

    def draw(self, description: str, share: Optional[float], numbers: str) -> None:
        from IPython.display import HTML, display

        value = "" if share is None else f' value="{share:.3f}"'
        shown = HTML(f"<div>{html.escape(description)} <progress{value}></progress> "
                     f"{html.escape(numbers)}</div>")
        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def close(self) -> None:
        """The last state stays."""


def _form() -> Optional[Any]:
    if notebook.is_running():
        return _Notebook()
    stream = sys.stderr
    return _Terminal(stream) if stream is not None and stream.isatty() else None


class Bar:
    """Draws the progress of one transfer; a context manager.

    Arguments:
        description: what happens, before the bar.
        form: what draws; found out if None.

    Nothing is drawn in the first DELAY_S seconds, nor where nobody would see it.

    >>> with Bar("Downloading") as bar:
    ...     bar(files=1, files_total=2, size=10, size_total=20)
    """

    def __init__(self, description: str, form: Optional[Any] = None) -> None:
        wanted = environment.get("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR")
        self._description = description
        self._form = form if form is not None else _form() if wanted else None
        self._next = time.monotonic() + DELAY_S
        self._drawn = False

    def __call__(self, files: int, files_total: int, size: int,
                 size_total: Optional[int] = None) -> None:
        """Say how many files and bytes are done, of how many (0, None: not known)."""
        if self._form is None or time.monotonic() < self._next:
            return
        self._draw(self._form, files, files_total, size, size_total)
        self._next = time.monotonic() + PAUSE_S

    def _draw(self, form: Any, files: int, files_total: int, size: int,
              size_total: Optional[int]) -> None:
        share = None
        if size_total:
            share = min(size / size_total, 1.0)
        elif files_total:
            share = min(files / files_total, 1.0)
        of = f"/{files_total}" if files_total else ""
        form.draw(self._description, share, f"{files}{of} files, {size_text(size)}")
        self._drawn = True

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *failure: Any) -> None:
        if self._form is not None and self._drawn:
            self._form.close()
