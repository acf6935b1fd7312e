"""The demo: its people, its department, and the case that it plays."""
