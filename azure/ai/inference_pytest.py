"""The pytest plugin of azure.ai.inference. It is no module of the package, which pytest would import with it.

pytest imports this module at its start, in every environment in which the package is installed. So it imports nothing
of the package before a test asks for one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from azure.ai.inference.testing import FakeService


@pytest.fixture
def inference_service(request: pytest.FixtureRequest) -> Iterator[FakeService]:
    """A service that answers from the script of the test; `**inference_service` makes a client of it.

    At the end of a test that has not failed, every reply must have been used.
    """
    yield from checked_service(request.session)


def checked_service(session: pytest.Session) -> Iterator[FakeService]:
    """Yield a service, and check its script afterwards, unless the test has failed: one failure has one report."""
    from azure.ai.inference.testing import FakeService

    service = FakeService()
    failed = session.testsfailed
    yield service
    if session.testsfailed == failed:
        service.assert_all_used()


@pytest.fixture
def no_inference_network() -> Iterator[None]:
    """Make every client of azure.ai.inference fail that would reach the network."""
    from azure.ai.inference.testing import no_network

    with no_network():
        yield
