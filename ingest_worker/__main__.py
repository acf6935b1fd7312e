"""Starts the worker: `python -m ingest_worker`."""

import asyncio

from ingest_worker.app import main

asyncio.run(main())
