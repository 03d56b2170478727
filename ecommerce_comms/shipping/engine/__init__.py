"""Learns how long parcels take, and says when one will come. Knows no database: shipments in, chances of days out."""

from ecommerce_comms.shipping.engine.batch import arrivals
from ecommerce_comms.shipping.engine.encoding import Columns
from ecommerce_comms.shipping.engine.grounds import Ground, grounds
from ecommerce_comms.shipping.engine.learning import learn
from ecommerce_comms.shipping.engine.serving import arrival
from ecommerce_comms.shipping.engine.settings import EngineSettings, Prior
from ecommerce_comms.shipping.engine.state import State, StateError

__all__ = ["Columns", "EngineSettings", "Ground", "Prior", "State", "StateError", "arrival", "arrivals", "grounds", "learn"]
