"""The read model: what the four owners last said, in tables that lists can filter.

Owns nothing of its own: emptied and read again from the topics it is the same, row by row.
"""
