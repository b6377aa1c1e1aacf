"""Condition operators, one module for each family; each module's OPERATORS are found by name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from inhouse.access.conditions.compile import Check, compile_condition
from inhouse.access.conditions.registry import Named, named

__all__ = ["Check", "Named", "compile_condition", "named"]
