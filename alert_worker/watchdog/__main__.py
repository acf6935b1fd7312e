"""Starts the watchdog: `python -m alert_worker.watchdog`."""

import asyncio

from alert_worker.watchdog.app import main

asyncio.run(main())
