"""Encoding values of types that JSON does not have."""

import json
import time as clock
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

import isodate
import pytest
from azure.ai.inference._json import SdkJSONEncoder
from azure.ai.inference.models import ChatRole


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), '"2026-01-02T03:04:05Z"'),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2))), '"2026-01-02T01:04:05.000006Z"'),
        (datetime.fromisoformat("2026-01-02T03:04:05"), '"2026-01-02T03:04:05Z"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (time(1, 2, 3), '"01:02:03"'),
        (b"ab", '"YWI="'),
        (bytearray(b"ab"), '"YWI="'),
        (Decimal("1.5"), "1.5"),
        (MappingProxyType({"a": 1}), '{"a": 1}'),
        (range(2), "[0, 1]"),
        (ChatRole.USER, '"user"'),
    ],
)
def test_values(value, text):
    assert json.dumps(value, cls=SdkJSONEncoder) == text


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=5), timedelta(days=400, hours=3)])
def test_durations_can_be_parsed(duration):
    assert isodate.parse_duration(json.loads(json.dumps(duration, cls=SdkJSONEncoder))) == duration


def test_bytes_as_base64url():
    assert json.dumps(b"\xff\xfe", cls=SdkJSONEncoder, format="base64url") == '"__4"'


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="set"):
        json.dumps({1}, cls=SdkJSONEncoder, exclude_readonly=True)


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="Windows cannot change the time zone of a process")
def test_a_time_without_a_zone_is_utc_wherever_the_program_runs(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    try:
        assert json.dumps(datetime.fromisoformat("2026-01-02T03:04:05"), cls=SdkJSONEncoder) == '"2026-01-02T03:04:05Z"'
    finally:
        monkeypatch.undo()
        clock.tzset()
