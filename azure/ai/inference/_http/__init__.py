"""HTTP: everything that knows requests, urllib3, aiohttp or the insides of azure-core.

Sync and async modules stand beside each other (`_transport`, `_transport_async`, …). Nothing here knows the API: no
module of this package imports one from above it. Names that begin with an underscore in another library are used here
alone, each with the reason beside it and a test in `tests/test_http_internals.py` that says what moved when it does.
"""
