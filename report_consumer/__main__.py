"""Starts the worker: `python -m report_consumer`."""

import uvloop

from report_consumer.app import main

uvloop.run(main())
