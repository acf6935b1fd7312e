"""Starts the worker: `python -m ingest_worker`."""

import uvloop

from ingest_worker.app import main

uvloop.run(main())
