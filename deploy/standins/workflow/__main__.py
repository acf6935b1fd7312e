"""`python -m deploy.standins.workflow`."""

import asyncio

from deploy.standins.web import serve
from deploy.standins.workflow.app import build_app
from deploy.standins.workflow.settings import WorkflowSettings
from services.observability import configure_logging
from services.settings import read_settings

if __name__ == "__main__":
    settings = read_settings(WorkflowSettings)
    configure_logging("workflow_standin")
    asyncio.run(serve(build_app(settings), host=settings.bind_host, port=settings.port))
