"""What the package costs, measured beside its peers: `python -m benchmarks --help`."""
