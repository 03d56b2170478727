"""Everything that the demo runs beside the shop, in one process: web server, worker, beat, mail server; and its story."""
