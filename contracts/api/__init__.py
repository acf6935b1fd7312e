"""Request and response bodies of the gateway, one file per resource."""
