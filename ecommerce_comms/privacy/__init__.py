"""What people may ask of a shop about their own data, and what time asks of it by itself.

::

    from ecommerce_comms import privacy

    privacy.export("asha@customers.example")  # everything that is kept of her, as plain data
    privacy.erase("asha@customers.example")   # nothing that tells who she is stays
    privacy.purge()                           # nothing stays longer than RETENTION_DAYS says
"""

from __future__ import annotations

from ecommerce_comms.privacy.erasing import erase
from ecommerce_comms.privacy.exporting import export
from ecommerce_comms.privacy.purging import purge

__all__ = ["erase", "export", "purge"]
