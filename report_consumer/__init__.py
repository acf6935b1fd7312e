"""report_consumer owns reports: their versions, signatures, documents and the notice of completion.

Owns       schema `reports`: radiology_reports, report_versions, report_numbers, critical_alerts,
           documents, webhooks, known_orders (a copy of what it needs of others' orders)
Consumes   report.drafted, report.finalized, order.updated, alert.updated
Publishes  report.updated, critical.finding, request.rejected
Side effects   the PDF in the object store; a signed webhook to the clinical workflow service
"""
