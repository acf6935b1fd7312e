"""The edge: HTTP, WebSocket, DICOMweb and DIMSE into events; events into a read model and live.

Owns: the read model (schema `portal`, rebuilt from the topics at any time), sign-in sessions,
signing PINs, the audit log, and which request had which outcome. It decides nothing about medicine.
Consumes: order.updated, equipment.updated, study.updated, report.updated, report.opened,
alert.updated, request.rejected; each replica by itself, without a consumer group.
Publishes: order.created, order.requested, study.requested, report.drafted, report.finalized,
report.opened, alert.requested, images.ingested.
Side effects: none that leave the house.
"""
