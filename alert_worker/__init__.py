"""alert_worker owns alerts: a critical finding reaches a doctor, who confirms, and it is proved.

Owns       schema `alerts`: alerts, attempts, proofs (hashed tokens), receipts, evidence
Consumes   critical.finding, alert.requested
Publishes  alert.updated, request.rejected
Side effects   SMS and calls (Twilio), e-mail (SMTP); each a row before it is made
"""
