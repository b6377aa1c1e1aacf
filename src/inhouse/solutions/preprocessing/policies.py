"""What a function may do, and who may run it: no more than a read through its access point needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inhouse.solutions.preprocessing.names import Names

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def function(names: Names, bucket: str) -> dict[str, Any]:
    """GetObject is read over the caller's presigned URL. Only for HeadObject, whose URL gives no
    body, the role reads what the caller was just seen to be allowed to read.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Answer",
                "Effect": "Allow",
                "Action": "s3-object-lambda:WriteGetObjectResponse",
                "Resource": names.access_point_arn,
            },
            {
                "Sid": "Measure",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"{names.supporting_arn}/object/*",
            },
            {
                "Sid": "MeasureInBucket",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"StringEquals": {"s3:DataAccessPointArn": names.supporting_arn}},
            },
            {
                "Sid": "Log",
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"arn:aws:logs:{names.region}:{names.account}:log-group:"
                f"{names.log_group}:*",
            },
        ],
    }
