"""Pictures: arrays and Pillow images made into files, for `log_image` and tables.

NumPy and Pillow are imported only when a picture is at hand.
"""

from __future__ import annotations

import re
import time
import uuid
import warnings
from typing import Any, Optional, Tuple


# The longer side of the small copy that charts show, in pixels.
PREVIEW_SIZE = 256

_KINDS = {"b": "bool", "i": "signed integer", "u": "unsigned integer", "f": "floating"}
_CHANNELS = (1, 3, 4)
_KEY = re.compile(r"[a-zA-Z0-9_\-./ ]+\Z")


def _pillow():
    try:
        import PIL.Image
    except ImportError as error:
        raise ImportError("Pictures need Pillow: pip install Pillow") from error
    return PIL.Image


def _check_pixels(array) -> None:
    if array.dtype.kind not in _KINDS:
        raise TypeError(f"A picture of dtype {array.dtype} cannot be stored; it must be one of "
                        f"{', '.join(_KINDS.values())}")
    if array.ndim not in (2, 3):
        raise ValueError(f"A picture has 2 or 3 dimensions, this one the shape {array.shape}")
    if array.ndim == 3 and array.shape[2] not in _CHANNELS:
        raise ValueError(f"A picture has 1, 3 or 4 channels, not {array.shape[2]}")


def _to_bytes(array):
    """Pixels from 0 to 255: integers as they are, floats and bools from 0 to 1 stretched."""
    low, high = array.min(), array.max()
    if array.dtype.kind in "iu":
        if low < 0 or high > 255:
            raise ValueError(f"Integer pixels are from 0 to 255, these from {low} to {high}")
        return array.astype("uint8")
    if low < 0 or high > 1:
        warnings.warn(f"Float pixels should be from 0 to 1, these are from {low} to {high} and "
                      "are rescaled", stacklevel=4)
        array = (array - low) / (high - low)
    return (array * 255).astype("uint8")


def from_array(array) -> Any:
    """A Pillow image of a NumPy array: height × width, or × 1, 3 (RGB) or 4 (RGBA) channels.

    Raises TypeError for a dtype, ValueError for a shape or values that are no picture; float
    values outside of 0 to 1 are rescaled with a warning.

    >>> import numpy
    >>> from_array(numpy.zeros((2, 3))).size
    (3, 2)
    """
    image = _pillow()
    _check_pixels(array)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return image.fromarray(_to_bytes(array))


def preview(image) -> Any:
    """A copy of `image` (Pillow or `Image`) whose longer side has PREVIEW_SIZE pixels."""
    width, height = image.size
    scale = PREVIEW_SIZE / max(width, height)
    return image.resize((PREVIEW_SIZE, int(height * scale)) if width > height
                        else (int(width * scale), PREVIEW_SIZE))


class Image:
    """A picture for `log_image` and the cells of `log_table`.

    Arguments:
        image: a NumPy array or nested list (see `from_array`), a Pillow image, or the path of
            a picture.

    Raises TypeError for anything else, ImportError without Pillow.

    >>> Image([[0, 255], [255, 0]]).size
    (2, 2)
    """

    def __init__(self, image: Any) -> None:
        pillow = _pillow()
        if isinstance(image, str):
            self.image = pillow.open(image)
        elif isinstance(image, pillow.Image):
            self.image = image
        elif isinstance(image, list) or _is_array(image):
            import numpy

            self.image = from_array(numpy.array(image))
        else:
            raise TypeError(f"{type(image).__name__} is no picture: give a NumPy array, a Pillow "
                            "image or a path")
        self.size: Tuple[int, int] = self.image.size

    def to_list(self) -> list:
        """The pixels, row by row."""
        return list(self.image.getdata())

    def to_array(self) -> Any:
        """The picture as a NumPy array."""
        import numpy

        return numpy.array(self.image)

    def to_pil(self) -> Any:
        """The picture as a Pillow image."""
        return self.image

    def save(self, path: str) -> None:
        """Write the picture to the file `path`, in the format that its ending names."""
        self.image.save(path)

    def resize(self, size: Tuple[int, int]) -> "Image":
        """A copy of `size` (width, height) in pixels."""
        return Image(self.image.resize(size))


def _is_array(value: Any) -> bool:
    """Whether it is a NumPy array, without importing NumPy for what is none."""
    return any(kind.__module__ == "numpy" and kind.__name__ == "ndarray"
               for kind in type(value).__mro__)


def _as_pillow(image: Any) -> Any:
    if isinstance(image, Image):
        return image.to_pil()
    if _is_array(image):
        return from_array(image)
    if isinstance(image, _pillow().Image):
        return image
    raise TypeError(f"{type(image).__name__} is no picture: give a NumPy array, a Pillow image or "
                    "millstream.Image")


def is_image(value: Any) -> bool:
    """Whether a cell of a table is a picture, of Pillow's kind or `Image`."""
    return (callable(getattr(value, "save", None)) and callable(getattr(value, "resize", None))
            and hasattr(value, "size"))


def log_image(client, run_id: str, image: Any, artifact_file: Optional[str] = None,
              key: Optional[str] = None, step: Optional[int] = None,
              timestamp: Optional[int] = None, synchronous: Optional[bool] = None) -> None:
    """Store a picture as a file, or as one of the series `key`; see `MlflowClient.log_image`.

    `synchronous` is taken for the official client's sake: how long the call waits follows from
    the client's mode.
    """
    if artifact_file is not None and (key, step, timestamp) != (None, None, None):
        raise TypeError("artifact_file stands alone: key, step and timestamp belong to series of "
                        "pictures")
    if artifact_file is None and key is None:
        raise TypeError("One of artifact_file and key must be given")
    picture = _as_pillow(image)
    if artifact_file is not None:
        with client._file_to_log(run_id, artifact_file) as path:
            picture.save(path)
        return
    _store_in_series(client, run_id, picture, str(key), step, timestamp)


def _store_in_series(client, run_id: str, picture: Any, key: str, step: Optional[int],
                     timestamp: Optional[int]) -> None:
    if not _KEY.match(key):
        raise ValueError(f"key is {key!r}; it may have letters, digits, underscores, dashes, "
                         "periods, spaces and slashes")
    timestamp = timestamp or int(time.time() * 1000)
    stem = (f"images/{key.replace('/', '~')}+step+{step or 0}+timestamp+{timestamp}"
            f"+{uuid.uuid4()}")
    store_with_preview(client, run_id, picture, f"{stem}.png", f"{stem}+compressed.webp")
    client.set_tag(run_id, "mlflow.loggedImages", "True")


def store_with_preview(client, run_id: str, picture: Any, full: str, small: str) -> None:
    """Store `picture` as the artifact `full`, and its preview as `small`."""
    with client._file_to_log(run_id, full) as path:
        picture.save(path)
    with client._file_to_log(run_id, small) as path:
        preview(picture).save(path)
