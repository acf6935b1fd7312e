"""What a received image means: pure decisions, one rule per module, no I/O and no clock."""
