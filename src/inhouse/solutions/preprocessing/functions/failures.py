"""What a function tells the caller instead of an object."""

from __future__ import annotations


class Refusal(Exception):
    """The object is not given; the caller reads `code` and the text as an S3 error.

    `code` is a word of letters, `status` one that WriteGetObjectResponse takes.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_WriteGetObjectResponse.html
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Unsuitable(ValueError):
    """An option of a transform is not what it can be; the text names it and says what would be."""
