"""The local runner: real servers, all processes of the portal, one supervisor, one command.

What must stay true: whatever it starts ends with it, even when it is killed, and everything it
writes stands in the state folder (and, for downloads that many installations share, in the user's
cache folder).
"""
