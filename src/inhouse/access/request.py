"""A question while it is being decided: keys are looked up only if a policy asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inhouse.access.model import ContextValue, Question, Who

_PRINCIPAL_TYPE: Final = {
    "user": "User",
    "role": "AssumedRole",
    "root": "Account",
    "federated": "FederatedUser",
    "anonymous": "Anonymous",
}


class Asked:
    """A question with its action in lower case and its condition keys built at first use."""

    __slots__ = ("_keys", "action", "question", "resource")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.action = question.action.lower()
        self.resource = question.resource
        self._keys: dict[str, ContextValue] | None = None

    def value(self, key: str) -> ContextValue | None:
        """The values of a condition key given in lower case; None when the request lacks it."""
        keys = self._keys
        if keys is None:
            keys = self._keys = derived_keys(self.question)
            given = self.question.context
            for name, value in (given() if callable(given) else given).items():
                keys[name.lower()] = value
        return keys.get(key)

    def scalar(self, key: str) -> str | None:
        """The value of a key that has exactly one; a list cannot stand for a policy variable."""
        value = self.value(key)
        if value is None or isinstance(value, str):
            return value
        return value[0] if len(value) == 1 else None


def derived_keys(question: Question) -> dict[str, ContextValue]:
    """The global keys that follow from the principal and the resource's owner.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    who = question.principal
    keys: dict[str, ContextValue] = {}
    keys["aws:principalisawsservice"] = "true" if who.kind == "service" else "false"
    owner = question.resource_account or who.account
    if owner:
        keys["aws:resourceaccount"] = owner
    if who.kind == "service":
        keys["aws:principalservicename"] = who.arn
        return keys
    if who.kind == "anonymous":
        keys["aws:principaltype"] = "Anonymous"
        keys["aws:principalaccount"] = keys["aws:userid"] = "anonymous"
        return keys
    keys.update(_principal_keys(who))
    return keys


def _principal_keys(who: Who) -> dict[str, ContextValue]:
    federated_session = who.kind == "user" and who.session_arn is not None
    keys: dict[str, ContextValue] = {
        "aws:principaltype": "FederatedUser" if federated_session else _PRINCIPAL_TYPE[who.kind],
    }
    if who.kind == "federated":
        keys["aws:federatedprovider"] = who.arn
        return keys
    if not who.arn:  # nobody in particular, in a simulation
        return {}
    keys["aws:principalarn"] = who.session_arn if federated_session and who.session_arn else who.arn
    keys["aws:principalaccount"] = who.account
    if who.unique_id:
        keys["aws:userid"] = who.unique_id
    if who.kind == "user" and not federated_session:
        keys["aws:username"] = who.arn.rpartition("/")[2]
    return keys
