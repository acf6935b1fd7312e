"""Starts the worker: `python -m order_consumer`."""

import uvloop

from order_consumer.app import main

uvloop.run(main())
