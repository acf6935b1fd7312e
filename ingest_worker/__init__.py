"""ingest_worker owns what was received: studies, series, instances, their documents and priors.

Owns       schema `imaging`: known_orders, imaging_studies, imaging_series, imaging_instances,
           quarantined_instances, match_decisions, prior_studies, measurement_sets,
           series_documents, prior_searches, structured_reports
Consumes   images.ingested, study.requested, order.updated, report.updated
Publishes  study.updated, images.ingested (reports of measurements), request.rejected
Side effects   metadata, frame index and thumbnail of each series in the object store; a DICOM SR
               of the measurements of a signed report
"""
