"""The DIMSE edge: modalities store their images here (C-STORE, C-ECHO)."""
