"""Calls between notebooks: real kernels, real brokers, real pages."""
