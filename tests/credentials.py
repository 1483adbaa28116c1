"""Token credentials of both worlds."""

import time

from azure.core.credentials import AccessToken


class Token:
    """Gives a token, and remembers the scopes that it was asked for."""

    scopes = ()

    def get_token(self, *scopes, **kwargs):
        self.scopes = scopes
        return AccessToken("token-1", int(time.time()) + 3600)


class AsyncToken(Token):
    async def get_token(self, *scopes, **kwargs):
        return super().get_token(*scopes, **kwargs)


def token_credential(twin):
    """A credential for the clients of a world."""
    return AsyncToken() if twin.world == "async" else Token()
