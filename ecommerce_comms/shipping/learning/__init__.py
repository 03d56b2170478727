"""What the shop's own deliveries teach about the next ones.

::

    from ecommerce_comms.shipping import learning

    learning.learn(clock.now())  # a Knowledge, made from the shop's rows; the sweep does this once a night
    learning.known()             # what was learnt last, in memory
"""

from __future__ import annotations

from ecommerce_comms.shipping.learning.knowing import Known, known
from ecommerce_comms.shipping.learning.learner import learn

__all__ = ["Known", "known", "learn"]
