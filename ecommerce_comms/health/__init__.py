"""Whether the mail flows: figures, lights, pages for people and for machines."""
