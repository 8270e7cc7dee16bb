"""A film as large as one likes."""

from __future__ import annotations

from pathlib import Path

import av


def long_film(film: Path, target: Path, *, megabytes: int) -> Path:
    """The film again and again, without coding it anew."""
    with av.open(str(film)) as source, av.open(str(target), "w", options={"movflags": "faststart"}) as out:
        streams = {
            s.index: out.add_stream_from_template(s) for s in source.streams if s.type in ("video", "audio")
        }
        packets = [p for p in source.demux() if p.dts is not None and p.stream.index in streams]
        # From the first decoding time, which is below 0 where pictures are reordered, or a sound has a run-up.
        length = {
            index: max(p.dts + p.duration for p in packets if p.stream.index == index)
            - min(p.dts for p in packets if p.stream.index == index)
            for index in streams
        }
        size = sum(p.size for p in packets)
        seconds = max(length[i] * float(source.streams[i].time_base) for i in streams)
        for turn in range(1 + (megabytes << 20) // size):
            for packet in packets:
                index = packet.stream.index
                shift = round(turn * seconds / float(source.streams[index].time_base))
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts, copy.duration = packet.pts + shift, packet.dts + shift, packet.duration
                copy.time_base, copy.stream, copy.is_keyframe = (
                    packet.time_base,
                    streams[index],
                    packet.is_keyframe,
                )
                out.mux(copy)
    return target
