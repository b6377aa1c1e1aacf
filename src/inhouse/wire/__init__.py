"""Bytes to dicts and back, driven by botocore's service models.

`Router.route_head` finds the operation a request means, `OperationWire.parse` gives the dict that
boto3 users know, `OperationWire.serialize` turns the result into an answer, `serialize_error` does
the same for errors. Nothing here opens a socket or knows a service's logic. Hostile input raises
`ServiceError` with a 4xx and nothing else.
"""
