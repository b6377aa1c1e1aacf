"""What the resources of a preprocessing are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

_NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
FUNCTION = "preprocessing-"


@dataclass(frozen=True, slots=True)
class Names:
    """`name` is that of the Object Lambda access point, which is what programs read from."""

    name: str
    account: str
    region: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.endswith(("-s3alias", "--ol-s3")):
            raise ValueError(
                f"name is {self.name!r}; it must be 3 to 30 lower case letters, digits and hyphens,"
                " beginning with a letter and not ending with a hyphen, -s3alias or --ol-s3"
            )

    @classmethod
    def of(cls, session: boto3.Session, name: str) -> Names:
        """The names in the session's account and region."""
        identity = session.client("sts").get_caller_identity()
        return cls(name, identity["Account"], session.region_name or "us-east-1")

    @property
    def access_point_arn(self) -> str:
        return f"arn:aws:s3-object-lambda:{self.region}:{self.account}:accesspoint/{self.name}"

    @property
    def supporting(self) -> str:
        """The access point behind, which gives objects as they are stored."""
        return f"{self.name}-stored"

    @property
    def supporting_arn(self) -> str:
        return f"arn:aws:s3:{self.region}:{self.account}:accesspoint/{self.supporting}"

    @property
    def function(self) -> str:
        return f"{FUNCTION}{self.name}"

    @property
    def function_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function}"

    @property
    def role(self) -> str:
        return f"{self.function}-{self.region}"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.function}"
