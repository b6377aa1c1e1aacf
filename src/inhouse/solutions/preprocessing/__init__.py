"""Objects that are transformed while they are read, with nothing derived stored.

It talks to boto3 alone, so the same code deploys to Inhouse and to AWS itself.
"""

from inhouse.solutions.preprocessing.cost import PRICES, Cost, costs
from inhouse.solutions.preprocessing.deployment import Preprocessing, add, preprocessings, remove
from inhouse.solutions.preprocessing.functions.options import TRANSFORMS, Options

__all__ = [
    "PRICES",
    "TRANSFORMS",
    "Cost",
    "Options",
    "Preprocessing",
    "add",
    "costs",
    "preprocessings",
    "remove",
]
