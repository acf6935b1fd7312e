"""Starts the DIMSE edge: `python -m gateway.dimse`."""

import asyncio

from gateway.dimse.app import main

asyncio.run(main())
