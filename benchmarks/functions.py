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
#: A code that does not fit its check bits gives no mark.
OVERLAY = """import numpy
from ipymedia import Box
def bits(image, row):
    height, width, _ = image.shape
    columns = (2 * numpy.arange(26) + 1) * width // 52
    values = image[round(height * (0.025 + 0.05 * row)), columns].mean(axis=1)
    return int((values[1:25] > (values[0] + values[25]) / 2) @ (1 << numpy.arange(24)[::-1]))
def crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 7) & 255 if value & 128 else value << 1
    return value
def overlay(image):
    painted, coded = bits(image, 0), bits(image, 1)
    number = coded >> 8
    if crc([painted >> 16, painted >> 8 & 255, painted & 255, number >> 8, number & 255]) != coded & 255:
        return []
    height, width, _ = image.shape
    place = number % 16 * width / 16
    return [Box(place, height * 0.4, width / 16, height * 0.2, color="#ff00ff", fill="#ff00ff")]"""

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
