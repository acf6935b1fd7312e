"""Event and API schemas: what the parts of the system say to each other.

Pure pydantic data. Nothing here does I/O, knows a broker or a database, or imports another package
of this repository.
"""
