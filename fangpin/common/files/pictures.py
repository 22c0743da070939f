"""Pictures that people hand in: read, turned upright, made small and written anew, so that nothing else comes
along."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from fangpin.common.refusals import Refused

LONGEST = 1600  # pixels of the longer side
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


class PictureRefused(Refused):
    """The file is no picture that can be taken; `message` is Chinese and says what to do."""


def clean(content: bytes) -> bytes:
    """`content` as a JPEG of at most 1,600 pixels a side, without EXIF (place, phone). Raises
    PictureRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise PictureRefused("照片太大，请用手机相册缩小后再传。")
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PictureRefused("这不是能打开的照片，请选 JPG 或 PNG 照片。") from error
    upright.thumbnail((LONGEST, LONGEST))
    stream = io.BytesIO()
    upright.save(stream, "JPEG", quality=82, optimize=True)
    return stream.getvalue()
