"""Containers: finished, converted and read by PyAV."""
