"""Starts the worker: `python -m report_consumer`."""

import asyncio

from report_consumer.app import main

asyncio.run(main())
