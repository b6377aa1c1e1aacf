"""The policy engine of IAM: pure functions from a question and policies to a decision.

No I/O, no clock, no store. Parse policies once (`Policy.parse`), then `decide`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from inhouse.access.decide import decide
from inhouse.access.errors import InvalidPolicy, PolicyTooLarge
from inhouse.access.model import Decision, Layer, Match, Policies, Question, Reason, Who
from inhouse.access.policy import Policy, PolicyKind
from inhouse.access.simulate import Evaluation, Position, SimulatedStatement, context_keys, simulate
from inhouse.access.sizes import SizeLimit, check_size, policy_size
from inhouse.access.trace import StatementReport, explain

__all__ = [
    "Decision",
    "Evaluation",
    "InvalidPolicy",
    "Layer",
    "Match",
    "Policies",
    "Policy",
    "PolicyKind",
    "PolicyTooLarge",
    "Position",
    "Question",
    "Reason",
    "SimulatedStatement",
    "SizeLimit",
    "StatementReport",
    "Who",
    "check_size",
    "context_keys",
    "decide",
    "explain",
    "policy_size",
    "simulate",
]
