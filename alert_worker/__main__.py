"""Starts the worker: `python -m alert_worker`."""

import uvloop

from alert_worker.app import main

uvloop.run(main())
