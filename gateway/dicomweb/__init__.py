"""The DICOMweb edge (PS3.18): images come in by STOW-RS, and are read by WADO-RS."""
