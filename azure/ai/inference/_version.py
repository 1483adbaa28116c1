"""The version of the distribution."""

VERSION = "1.0.0b9+next.1"
