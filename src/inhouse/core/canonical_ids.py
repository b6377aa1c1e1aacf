"""The canonical user ids by which S3 names accounts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
"""

from functools import lru_cache
from hashlib import sha256


@lru_cache(maxsize=256)
def canonical_id(account: str) -> str:
    """64 hexadecimal digits, for an account always the same."""
    return sha256(f"canonical user of {account}".encode()).hexdigest()
