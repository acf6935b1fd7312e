"""`python -m deploy.standins.mail`."""

import asyncio

from deploy.standins.mail.app import build_app
from deploy.standins.mail.settings import MailStandInSettings
from deploy.standins.web import listen, serve
from services.observability import configure_logging
from services.settings import read_settings

if __name__ == "__main__":
    settings = read_settings(MailStandInSettings)
    configure_logging("mail_standin")
    smtp_listener = listen(settings.bind_host, settings.smtp_port)
    app = build_app(settings, smtp_listener)
    asyncio.run(serve(app, host=settings.bind_host, port=settings.port))
