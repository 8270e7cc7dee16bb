"""The kernel's end of a page's loudspeaker: one stream's sound, coded, to one page that hears or records it."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from ..protocol.messages import SOUND_FRAME_SAMPLES, SOUND_RATE, SoundData
from .flow import OutletClosedError
from .sound import SoundBlock, SoundSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..link.page import Page
    from .codec.sound import SoundEncoder

_epochs = itertools.count(1)


class SoundDownlink:
    """Sends until `close()`, on a thread of its own."""

    def __init__(self, stream_id: str, source: SoundSource, page: Page, codec: str) -> None:
        self.page = page
        self._stream_id = stream_id
        self._codec = codec
        self._epoch = next(_epochs)
        self._sequence = 0
        self._encoder: SoundEncoder | None = None
        self._left: NDArray[np.float32] | None = None
        self._outlet = source.subscribe()
        self._thread = threading.Thread(target=self._run, name="ipymedia-sound-out", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send no more. Idempotent."""
        self._outlet.close()

    def _run(self) -> None:
        while True:
            try:
                block = self._outlet.take(None)
            except OutletClosedError:
                return
            if block is not None:
                self._send(block)

    def _send(self, block: SoundBlock) -> None:
        """Cut into frames of 20 ms; what is left over waits for the next block."""
        import numpy as np

        from .codec.sound import SoundEncoder

        samples = block.samples[:2]
        channels = samples.shape[0]
        if self._encoder is None or self._encoder.channels != channels:
            self._encoder, self._left = SoundEncoder(self._codec, channels), None
        time_s = block.time
        if self._left is not None and self._left.shape[1]:
            time_s -= self._left.shape[1] / SOUND_RATE
            samples = np.concatenate([self._left, samples], axis=1)
        whole = samples.shape[1] - samples.shape[1] % SOUND_FRAME_SAMPLES
        for at in range(0, whole, SOUND_FRAME_SAMPLES):
            for packet in self._encoder.encode(samples[:, at : at + SOUND_FRAME_SAMPLES]):
                message = SoundData(
                    stream=self._stream_id,
                    epoch=self._epoch,
                    sequence=self._sequence,
                    codec="opus" if self._codec == "opus" else "pcm",
                    channels=channels,
                    time_us=max(0, round(1e6 * (time_s + at / SOUND_RATE))),
                )
                self._sequence += 1
                self.page.send(message, packet)
        self._left = samples[:, whole:].copy()
