"""Stand-in for the clinical workflow service: unified orders out, call-backs about them in.

Owns: its unified orders and the call-backs it got, in memory and as JSON files. A radiology item is
dispatched until the radiology service has taken or refused it, always under the same key, across
restarts. A call-back counts once, and only with a right and fresh signature.
"""
