"""Decisions about alerts, pure: given state, event and the database's now, what follows.

`alert` is the state and what a decision is made of; the other modules are the rules, one each:
`escalation`, `response` (acknowledge, read back, hand over), `receipts`, `failure`, `retries`,
`throttle`, `texts`.
"""
