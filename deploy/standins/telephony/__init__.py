"""Stand-in for Twilio: messages, calls, their call-backs and TwiML, as its REST API of 2010-04-01.

Owns: what was sent and called, in memory; how each phone behaves; a log of the call-backs.
Every call-back is signed as Twilio signs. What a phone does is said by rules, or by a person on
the page.
"""
