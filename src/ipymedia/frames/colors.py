"""Colours of overlays: what Python's users write, as what a canvas takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from ipymedia.errors import ProcessingError, Reason

ColorLike = str | Sequence[int] | np.ndarray
"""A CSS name, ``#rgb``, ``#rrggbb`` or ``#rrggbbaa``, or (r, g, b[, a]) of 0 to 255, also for BGR."""

_HEX: Final = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)

# https://www.w3.org/TR/css-color-4/#named-colors
CSS_NAMES: Final = frozenset(
    """
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown
    burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan
    darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid
    darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet
    deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro
    ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki
    lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow
    lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray
    lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine
    mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
    mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab
    orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru
    pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen
    seashell sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle
    tomato transparent turquoise violet wheat white whitesmoke yellow yellowgreen
    """.split()  # noqa: SIM905 - one name a line would fill a file
)


def css_color(what: str, color: ColorLike | None) -> str:
    """Check a colour and give it as CSS text; the empty text stands for the default.

    Parameters
    ----------
    what : str
        Whose colour, for the message.
    color : str or sequence, optional
        See `ColorLike`.

    Raises
    ------
    ProcessingError
        ``bad_argument``: neither a CSS name nor hexadecimal nor 3 or 4 numbers of 0 to 255.
    """
    if color is None:
        return ""
    if isinstance(color, str):
        text = color.strip().lower()
        if text == "" or text in CSS_NAMES or _HEX.fullmatch(text):
            return text
        raise _refused(what, color)
    try:
        channels = np.asarray(color, dtype=float)
    except (TypeError, ValueError) as error:
        raise _refused(what, color) from error
    # `not` around the whole: a NaN compares false with anything.
    if channels.shape not in ((3,), (4,)) or not bool(np.all((channels >= 0) & (channels <= 255))):
        raise _refused(what, color)
    return "#" + "".join(f"{round(channel):02x}" for channel in channels.tolist())


def _refused(what: str, color: object) -> ProcessingError:
    return ProcessingError(
        f"{what}={color!r} is no colour: use a CSS name such as 'red', '#rrggbb', or (r, g, b) of 0 to 255.",
        Reason.BAD_ARGUMENT,
    )
