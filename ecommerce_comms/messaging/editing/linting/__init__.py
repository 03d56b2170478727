"""What is wrong with a text, told in whole sentences before a customer sees it."""

from __future__ import annotations

from ecommerce_comms.messaging.editing.linting.checking import lint, own_languages
from ecommerce_comms.messaging.editing.linting.complaints import LONGEST, LONGEST_SHOWN, PARTS, Complaint
from ecommerce_comms.messaging.editing.linting.samples import SAMPLE, sample

__all__ = ["LONGEST", "LONGEST_SHOWN", "PARTS", "SAMPLE", "Complaint", "lint", "own_languages", "sample"]
