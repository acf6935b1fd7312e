"""order_consumer owns orders: their status, appointments, equipment and the reading worklist.

Owns       schema `orders`: imaging_orders, equipment, bookings, order_studies
Consumes   order.created, order.requested, study.updated, report.updated
Publishes  order.updated, equipment.updated, request.rejected
Side effects   none outside its schema
"""
