"""HTTP: everything that depends on requests, urllib3, aiohttp or the internals of azure-core.

Sync and async modules are side by side (`_transport`, `_transport_async`, …). This package knows nothing of the API and
imports nothing from the rest of `azure.ai.inference`. Private names of other libraries are used only here, each with a
comment that says why and a test in `tests/test_http_internals.py` that reports what has changed in a new version.
"""
