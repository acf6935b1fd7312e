"""What the settings of all stand-ins share."""

from pathlib import Path

from pydantic import Field

from deploy.demo.people import PEOPLE_FILE
from services.settings import Settings


class StandInSettings(Settings):
    """Where a stand-in listens: on loopback, unless told otherwise."""

    bind_host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(ge=1, le=65535, description="HTTP port")
    people_file: Path = Field(default=PEOPLE_FILE, description="The demo people")
