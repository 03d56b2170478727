"""Order communication for Django shops: one line in INSTALLED_APPS, an adapter, a few signals."""

__version__ = "0.1.0"
