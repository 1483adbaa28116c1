"""A share of the matrix of faults. `python -m tests.faults` tries all of it."""

import asyncio

import pytest
from fault_kinds import cuts, faults
from fault_matrix import OPERATIONS, SDKS, attempt_quietly, body_of, complete, stream

EVERY = {complete: 1, stream: 1}
OTHERS = 5
"""One of so many faults is tried with the other operations, which read their answers as `complete` does."""
FRACTION = 9
"""One of so many bytes is tried."""


@pytest.fixture(params=SDKS)
async def mode(request):
    asyncio.get_running_loop().slow_callback_duration = 1000  # how busy the machine is does not matter
    return request.param


def share(operation):
    every = EVERY.get(operation, OTHERS)
    found = list(faults(*body_of(operation)))
    return found[list(OPERATIONS).index(operation) % every :: every]


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        pytest.param(operation, fault, id=f"{operation.__name__}: {fault.name}")
        for operation in OPERATIONS
        for fault in share(operation)
    ],
)
async def test_a_fault_ends_in_the_answer_or_in_an_exception(mode, operation, fault):
    assert await attempt_quietly(mode, operation, fault) == []


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_answer_that_breaks_at_any_byte(mode, operation):
    problems = [
        f"{fault.name}: {problem}"
        for fault in cuts(*body_of(operation), FRACTION)
        for problem in await attempt_quietly(mode, operation, fault)
    ]
    assert problems == []


def test_the_matrix_is_complete():
    for mode in SDKS:
        tried = [fault for operation in OPERATIONS for make in (faults, cuts) for fault in make(*body_of(operation))]
        assert len(tried) >= 1500, mode
