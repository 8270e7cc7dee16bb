"""The functions that the benchmarks map over the camera, as a notebook's cells have them."""

IDENTITY = "def identity(image):\n    return image"

#: Edges hold no code that a meter could read: the strip with the code stays as it is.
CANNY = """import cv2
def canny(image):
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(gray, 100, 200)
    strip = image.shape[0] // 10 + 2
    edges[:strip] = gray[:strip]
    return edges"""

SLOW = "def slow(image):\n    time.sleep(0.2)\n    return image"

#: Reads the frame's number off its bar code and marks one of sixteen places with it: a mark on another frame shows.
OVERLAY = """from ipymedia import Box
def overlay(image):
    height, width, _ = image.shape
    columns = ((2 * numpy.arange(26) + 1) * width // 52)
    row = image[round(height * 0.075), columns].mean(axis=1)
    bits = row[1:17] > (row[0] + row[25]) / 2
    number = int(bits @ (1 << numpy.arange(16)[::-1]))
    x = number % 16 * width / 16
    return [Box(x, height * 0.4, width / 16, height * 0.2, color="#ff00ff", fill="#ff00ff")]
import numpy"""

SOURCES = {"identity": IDENTITY, "canny": CANNY, "slow": SLOW, "overlay": OVERLAY}

#: What another cell does meanwhile, for {seconds}.
LOADS = {
    "time.sleep": "time.sleep({seconds})",
    "time.sleep and traits": (
        "end = time.monotonic() + {seconds}\n"
        "while time.monotonic() < end:\n"
        "    stream.badge = not stream.badge\n"
        "    camera.badge = not camera.badge\n"
        "    time.sleep(0.1)"
    ),
    "a busy loop": "end = time.monotonic() + {seconds}\nwhile time.monotonic() < end: sum(range(100))",
}
