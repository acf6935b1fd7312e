"""The watchdog computes from the topics which alerts should have moved, and did not.

Owns       nothing: what it knows, it reads from the topics at its start
Consumes   critical.finding, alert.updated
Publishes  nothing: a metric, and a log line of level error for each alert that is stuck
Side effects   none

It is a process of its own (`python -m alert_worker.watchdog`) and uses neither the database nor any
code of the sender: what is wrong there must not blind it.
"""
