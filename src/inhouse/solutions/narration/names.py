"""What a deployment's resources are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

_NAME = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Names:
    """Bucket and role names carry account and region, since those are shared more widely."""

    name: str
    account: str
    region: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"name is {self.name!r}; it must be 2 to 20 lower case letters, digits and hyphens,"
                " beginning with a letter and not ending with a hyphen"
            )

    @classmethod
    def of(cls, session: boto3.Session, name: str) -> Names:
        """The names in the session's account and region."""
        identity = session.client("sts").get_caller_identity()
        return cls(name, identity["Account"], session.region_name or "us-east-1")

    @property
    def topic(self) -> str:
        return f"{self.name}-saves"

    @property
    def topic_arn(self) -> str:
        return self._topic_arn(self.topic)

    @property
    def tasks_topic(self) -> str:
        return f"{self.name}-tasks"

    @property
    def tasks_topic_arn(self) -> str:
        return self._topic_arn(self.tasks_topic)

    @property
    def failures_topic(self) -> str:
        return f"{self.name}-failures"

    @property
    def failures_topic_arn(self) -> str:
        return self._topic_arn(self.failures_topic)

    def _topic_arn(self, topic: str) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:{topic}"

    @property
    def fragments_bucket(self) -> str:
        return f"{self.name}-fragments-{self.account}-{self.region}"

    @property
    def audio_bucket(self) -> str:
        return f"{self.name}-audio-{self.account}-{self.region}"

    @property
    def dead_letters(self) -> str:
        return f"{self.name}-dead-letters"

    @property
    def dead_letters_arn(self) -> str:
        return f"arn:aws:sqs:{self.region}:{self.account}:{self.dead_letters}"

    @property
    def parameter(self) -> str:
        return f"/narration/{self.name}/config"

    def function(self, which: str) -> str:
        """`which` is `split`, `merge` or `collect`, as below."""
        return f"{self.name}-{which}"

    def function_arn(self, which: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function(which)}"

    def role(self, which: str) -> str:
        return f"{self.name}-{which}-{self.region}"

    def log_group(self, which: str) -> str:
        return f"/aws/lambda/{self.function(which)}"
