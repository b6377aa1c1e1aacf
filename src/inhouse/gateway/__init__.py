"""The front door: route, authenticate, parse, authorize, dispatch, serialize."""

from inhouse.gateway.front import Gateway

__all__ = ["Gateway"]
