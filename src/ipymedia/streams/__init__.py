"""Where pictures and sound come from: one class for each kind, all of them `media_stream.MediaStream`."""
