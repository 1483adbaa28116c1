"""Benchmarks of the package and of similar packages: `python -m benchmarks --help`."""
