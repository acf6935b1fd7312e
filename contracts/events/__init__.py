"""One file per event; the name of the file is the name of the topic."""
