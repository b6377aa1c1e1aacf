"""Reading through Object Lambda access points: a function makes what the caller gets."""

from inhouse.services.s3.object_lambda.reading import ObjectLambda

__all__ = ["ObjectLambda"]
