"""What passwords may be, and how they are kept.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import string
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.iam import resource_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from inhouse.core.ports import Tx

POLICY = "password-policy"
SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
_CLASSES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "RequireUppercaseCharacters": ("uppercase letter", string.ascii_uppercase.__contains__),
    "RequireLowercaseCharacters": ("lowercase letter", string.ascii_lowercase.__contains__),
    "RequireNumbers": ("number", string.digits.__contains__),
    "RequireSymbols": (f"symbol of {SYMBOLS}", SYMBOLS.__contains__),
}
_LENGTH, _VARIETY = 8, 3
"""What AWS asks of passwords in accounts without a policy: three of the four classes."""
_COST: dict[str, int] = {"n": 1 << 14, "r": 8, "p": 1}


def policy(tx: Tx, account: str) -> dict[str, Any] | None:
    """The account's password policy, as GetAccountPasswordPolicy tells it."""
    row = resource_rows.named(tx, account, POLICY, POLICY)
    return None if row is None else resource_rows.details(row)


def check(text: str, rules: Mapping[str, Any] | None) -> None:
    """Raises PasswordPolicyViolation for a password that the account's policy does not allow."""
    kinds = {name: any(map(has, text)) for name, (_, has) in _CLASSES.items()}
    if rules is None:
        if sum(kinds.values()) < _VARIETY:
            raise _violation(
                f"Password should have at least {_VARIETY} of: uppercase letters, lowercase "
                f"letters, numbers, symbols of {SYMBOLS}"
            )
    else:
        for name, (what, _) in _CLASSES.items():
            if rules[name] and not kinds[name]:
                raise _violation(f"Password should have at least one {what}")
    least = _LENGTH if rules is None else rules["MinimumPasswordLength"]
    if len(text) < least:
        raise _violation(f"Password should have a minimum length of {least}")


def check_new(text: str, rules: Mapping[str, Any] | None, earlier: Sequence[str]) -> None:
    """Raises PasswordPolicyViolation for one of the last passwords, where they may not return."""
    count = (rules or {}).get("PasswordReusePrevention", 0)
    if count and any(matches(text, one) for one in earlier[-count:]):
        raise _violation(f"Password should not be one of the last {count} passwords")


def kept(text: str) -> str:
    """The password as it is kept: salt and scrypt hash."""
    salt = os.urandom(16)
    return base64.b64encode(salt + _hash(text, salt)).decode()


def matches(text: str, given: str) -> bool:
    known = base64.b64decode(given)
    return hmac.compare_digest(_hash(text, known[:16]), known[16:])


def _hash(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, dklen=32, **_COST)


def _violation(message: str) -> ServiceError:
    return ServiceError("PasswordPolicyViolation", message, status=400)
