"""Inhouse runs AWS's managed AI services on your own machines, for real."""

__version__ = "0.1.0"
