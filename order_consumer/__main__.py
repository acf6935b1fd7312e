"""Starts the worker: `python -m order_consumer`."""

import asyncio

from order_consumer.app import main

asyncio.run(main())
