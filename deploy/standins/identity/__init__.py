"""Stand-in for the hospital's identity provider: OpenID Connect, authorization code with PKCE.

Owns: its signing keys (kept in a file), who is signed in at it, and what happened (in memory).
Only registered redirect URIs get a code; a code works once, for one minute, for its client.
"""
