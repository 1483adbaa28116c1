"""A share of the load of `python -m tests.soak`: a number of calls, not seconds, and no verdict on memory."""

import pytest
import soak


@pytest.mark.parametrize("share", [0, soak.SHARE])
@pytest.mark.parametrize(("work", "count", "calls"), [(soak.soak_async, 100, 400), (soak.soak_threads, 16, 640)])
def test_every_answer_under_load_is_the_right_one(work, count, calls, share):
    soak.allow_many_files()
    with soak.service() as url:
        found = work(url, share, 0, count, rounds=2)
    assert (found["calls"], found["wrong"]) == (calls, 0)
    assert (found["faults"] > 0) == (share > 0)
