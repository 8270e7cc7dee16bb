"""OpenCV's face: a loop that was written for a desktop runs in a remote notebook, with the browser's camera.

::

    from ipymedia import opencv as cv                # or: ipymedia.opencv.patch() and cv2 itself

    cap = cv.VideoCapture(0)                         # the browser's camera
    while True:
        ok, frame = cap.read()                       # BGR
        cv.imshow("edges", cv2.Canny(frame, 100, 200))
        if cv.waitKey(1) & 0xFF == ord("q"):         # typed on the picture
            break
    cap.release()
    cv.destroyAllWindows()
"""

from __future__ import annotations

from .capture import VideoCapture
from .patch import Patch, patch, unpatch
from .windows import (
    destroyAllWindows,
    destroyWindow,
    getWindowProperty,
    imshow,
    moveWindow,
    namedWindow,
    pollKey,
    resizeWindow,
    setWindowProperty,
    setWindowTitle,
    startWindowThread,
    waitKey,
    waitKeyEx,
)

__all__ = [
    "Patch",
    "VideoCapture",
    "destroyAllWindows",
    "destroyWindow",
    "getWindowProperty",
    "imshow",
    "moveWindow",
    "namedWindow",
    "patch",
    "pollKey",
    "resizeWindow",
    "setWindowProperty",
    "setWindowTitle",
    "startWindowThread",
    "unpatch",
    "waitKey",
    "waitKeyEx",
]
