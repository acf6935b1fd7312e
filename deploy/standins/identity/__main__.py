"""`python -m deploy.standins.identity`."""

import asyncio

from deploy.standins.identity.app import build_app
from deploy.standins.identity.settings import IdentitySettings
from deploy.standins.web import serve
from services.observability import configure_logging
from services.settings import read_settings

if __name__ == "__main__":
    settings = read_settings(IdentitySettings)
    configure_logging("identity_standin")
    asyncio.run(serve(build_app(settings), host=settings.bind_host, port=settings.port))
