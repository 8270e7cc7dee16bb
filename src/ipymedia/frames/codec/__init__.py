"""Encoded bytes to pictures and back: the only home of PyAV, which is imported when first used."""
