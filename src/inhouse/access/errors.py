"""What is wrong with a policy document."""

from __future__ import annotations


class InvalidPolicy(ValueError):
    """A policy document that AWS would refuse.

    `message` is AWS's own sentence for the fault, for the `MalformedPolicyDocument` answer.
    `place` is where it is (`Statement[2].Condition.StringEquals`), empty for the whole document.
    `detail` says what is wrong there and what would be right. `str()` gives all three.
    """

    def __init__(self, message: str, *, place: str = "", detail: str = "") -> None:
        super().__init__(message, place, detail)
        self.message = message
        self.place = place
        self.detail = detail

    @property
    def where(self) -> str:
        """Place and remedy, empty when the message says it all."""
        return f"{self.place}: {self.detail}" if self.place else self.detail

    def __str__(self) -> str:
        return f"{self.message} {self.where}".strip()


class PolicyTooLarge(ValueError):
    """More characters than the quota allows; AWS answers `LimitExceeded` with `message`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
