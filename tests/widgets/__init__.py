"""Widgets of the libraries that people use, as data: for the end-to-end tests and the benchmark."""
