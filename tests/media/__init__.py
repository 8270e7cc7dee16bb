"""Films for the tests: real pictures where the project's shared data is at hand, else a film of our own."""

from tests.media.film import camera_sound, camera_y4m, film_path, film_pictures
from tests.media.flashes import Offsets, flash_film, read_offsets
from tests.media.long import long_film

__all__ = [
    "Offsets",
    "camera_sound",
    "camera_y4m",
    "film_path",
    "film_pictures",
    "flash_film",
    "long_film",
    "read_offsets",
]
