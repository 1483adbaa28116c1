"""Sync and async token credentials."""

import time

from azure.core.credentials import AccessToken


class Token:
    """Returns a token, and records the requested scopes."""

    scopes = ()

    def get_token(self, *scopes, **kwargs):
        self.scopes = scopes
        return AccessToken("token-1", int(time.time()) + 3600)


class AsyncToken(Token):
    async def get_token(self, *scopes, **kwargs):
        return super().get_token(*scopes, **kwargs)


def token_credential(twin):
    """Return a sync or async credential that fits the twin."""
    return AsyncToken() if twin.mode == "async" else Token()
