"""Requests whose older attribute names cost nothing."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from azure.core.rest import HttpRequest


class ApiRequest(HttpRequest):
    """A request of azure-core, with the older names of its attributes as properties.

    azure-core finds these names by a search that starts when an attribute is missing, and its pipeline and transports
    use five of them in each call, in 15 us.
    """

    _multipart_mixed_info_val = None
    multipart_mixed_info: Any = property(attrgetter("_multipart_mixed_info"))
    data: Any = property(attrgetter("_data"))
    files: Any = property(attrgetter("_files"))
    prepare_multipart_body: Any = property(attrgetter("_prepare_multipart_body"))
