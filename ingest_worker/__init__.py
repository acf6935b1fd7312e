"""ingest_worker owns what was received: studies, series, instances, their documents and priors.

Owns       schema `imaging`: known_orders, imaging_studies, imaging_series, imaging_instances,
           quarantined_instances, match_decisions, prior_studies, measurement_sets,
           series_documents, prior_searches
Consumes   images.ingested, study.requested, order.updated
Publishes  study.updated, request.rejected
Side effects   metadata, frame index and thumbnail of each series in the object store
"""
