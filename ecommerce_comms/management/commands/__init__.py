"""``manage.py comms_…``, one module for each command."""
