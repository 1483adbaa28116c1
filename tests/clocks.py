"""A clock for rate limiters whose time passes at once."""

import asyncio
import math

from azure.ai.inference.limits import Clock


class SimulatedClock(Clock):
    """Its time is that of the longest wait: the one whose turn is next waits, and all others wait for that one."""

    def __init__(self):
        self.now = 1000.0

    def time(self):
        return self.now

    def wait(self, event, seconds):
        if math.isinf(seconds):
            super().wait(event, seconds)
        else:
            self.now += seconds

    async def wait_async(self, event, seconds):
        if math.isinf(seconds):
            await super().wait_async(event, seconds)
        else:
            self.now += seconds
            await asyncio.sleep(0)
