"""Starts the worker: `python -m alert_worker`."""

import asyncio

from alert_worker.app import main

asyncio.run(main())
