"""Stand-ins for what lies outside the hospital: identity provider, Twilio, mail, workflow service.

Each speaks the real protocol over real sockets; none is imported by the system itself.
"""
