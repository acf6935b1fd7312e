"""`python -m deploy.standins.telephony`."""

import asyncio

from deploy.standins.telephony.app import build_app
from deploy.standins.telephony.settings import TelephonyStandInSettings
from deploy.standins.web import serve
from services.observability import configure_logging
from services.settings import read_settings

if __name__ == "__main__":
    settings = read_settings(TelephonyStandInSettings)
    configure_logging("telephony_standin")
    asyncio.run(serve(build_app(settings), host=settings.bind_host, port=settings.port))
