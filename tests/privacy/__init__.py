"""Export, erase, purge, and what stands in logs."""
