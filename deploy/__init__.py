"""How the portal is run: on one machine, in containers, by systemd; stand-ins and the demo."""
