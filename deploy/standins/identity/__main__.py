"""`python -m deploy.standins.identity`."""

import asyncio

from deploy.standins.identity.app import build_app
from deploy.standins.identity.settings import IdentitySettings
from deploy.standins.settings import read_settings
from deploy.standins.web import serve

if __name__ == "__main__":
    settings = read_settings(IdentitySettings)
    asyncio.run(serve(build_app(settings), host=settings.bind_host, port=settings.port))
