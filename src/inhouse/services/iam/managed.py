"""AWS managed policies, as far as the services here need them.

Names, paths and what each grants follow the AWS Managed Policy Reference; the statements are ours
and name only services that exist here.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "arn:aws:iam::aws:policy"
CREATED = 1_423_159_200.0
"""When managed policies came to IAM, early in 2015; the same for all of ours."""


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy that every account has and none can change."""

    name: str
    path: str
    description: str
    document: str

    @property
    def arn(self) -> str:
        return f"{PREFIX}{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Made from the name, so that it stays the same for ever."""
        digest = hashlib.sha256(self.name.encode()).digest()
        return "ANPA" + base64.b32encode(digest[:11]).decode()[:17]


def _allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def _policy(
    name: str, description: str, *statements: Mapping[str, Any], path: str = "/"
) -> ManagedPolicy:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return ManagedPolicy(name, path, description, orjson.dumps(document).decode())


_LOGS = _allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_READ_ONLY = (
    "cloudwatch:Describe*",
    "cloudwatch:Get*",
    "cloudwatch:List*",
    "comprehend:Describe*",
    "comprehend:List*",
    "iam:Generate*",
    "iam:Get*",
    "iam:List*",
    "iam:Simulate*",
    "lambda:Get*",
    "lambda:List*",
    "logs:Describe*",
    "logs:FilterLogEvents",
    "logs:Get*",
    "organizations:Describe*",
    "organizations:List*",
    "polly:DescribeVoices",
    "polly:Get*",
    "polly:List*",
    "polly:SynthesizeSpeech",
    "rekognition:Describe*",
    "rekognition:List*",
    "s3:Get*",
    "s3:List*",
    "s3-object-lambda:Get*",
    "s3-object-lambda:List*",
    "sagemaker:Describe*",
    "sagemaker:List*",
    "sns:Get*",
    "sns:List*",
    "sqs:Get*",
    "sqs:List*",
    "sqs:ReceiveMessage",
    "ssm:Describe*",
    "ssm:Get*",
    "ssm:List*",
    "sts:GetAccessKeyInfo",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
    "tag:Get*",
)
_POWER_USER = (
    {
        "Effect": "Allow",
        "NotAction": ["iam:*", "organizations:*", "account:*"],
        "Resource": "*",
    },
    _allow(
        "iam:CreateServiceLinkedRole",
        "iam:DeleteServiceLinkedRole",
        "iam:ListRoles",
        "organizations:DescribeOrganization",
        "account:GetAccountInformation",
        "account:ListRegions",
    ),
)
_LAMBDA_READ = (
    "lambda:Get*",
    "lambda:List*",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
)
_PASS_TO_LAMBDA = _allow(
    "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
)
_PASS_TO_SAGEMAKER = _allow(
    "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
)
_IAM_READ = ("iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*")
_SQS_POLLER = _allow("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")

_ALL = (
    _policy(
        "AdministratorAccess",
        "Provides full access to AWS services and resources.",
        _allow("*"),
    ),
    _policy(
        "PowerUserAccess",
        "Provides full access to AWS services and resources, but does not allow management of "
        "users and groups.",
        *_POWER_USER,
    ),
    _policy("ReadOnlyAccess", "Provides read-only access to services.", _allow(*_READ_ONLY)),
    _policy(
        "SecurityAudit",
        "Grants read access to security configuration metadata.",
        _allow(
            *_IAM_READ,
            "cloudwatch:Describe*",
            "lambda:GetPolicy",
            "lambda:List*",
            "organizations:Describe*",
            "organizations:List*",
            "s3:GetBucket*",
            "s3:ListAllMyBuckets",
            "sns:GetTopicAttributes",
            "sns:List*",
            "sqs:GetQueueAttributes",
            "sqs:ListQueues",
        ),
    ),
    _policy("IAMFullAccess", "Provides full access to IAM.", _allow("iam:*")),
    _policy("IAMReadOnlyAccess", "Provides read-only access to IAM.", _allow(*_IAM_READ)),
    _policy(
        "IAMUserChangePassword",
        "Lets IAM users change their own password.",
        _allow("iam:ChangePassword", resource="arn:aws:iam::*:user/${aws:username}"),
        _allow("iam:GetAccountPasswordPolicy"),
    ),
    _policy(
        "AmazonS3FullAccess",
        "Provides full access to all buckets.",
        _allow("s3:*", "s3-object-lambda:*"),
    ),
    _policy(
        "AmazonS3ReadOnlyAccess",
        "Provides read-only access to all buckets.",
        _allow(
            "s3:Get*",
            "s3:List*",
            "s3:Describe*",
            "s3-object-lambda:Get*",
            "s3-object-lambda:List*",
        ),
    ),
    _policy(
        "AmazonS3ObjectLambdaExecutionRolePolicy",
        "Lets functions behind S3 Object Lambda write their logs and their answers.",
        _LOGS,
        _allow("s3-object-lambda:WriteGetObjectResponse"),
        path="/service-role/",
    ),
    _policy("AmazonSNSFullAccess", "Provides full access to SNS.", _allow("sns:*")),
    _policy(
        "AmazonSNSReadOnlyAccess",
        "Provides read-only access to SNS.",
        _allow("sns:GetTopicAttributes", "sns:List*"),
    ),
    _policy("AmazonSQSFullAccess", "Provides full access to SQS.", _allow("sqs:*")),
    _policy(
        "AmazonSQSReadOnlyAccess",
        "Provides read-only access to SQS.",
        _allow("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:List*"),
    ),
    _policy("AmazonPollyFullAccess", "Grants full access to Polly.", _allow("polly:*")),
    _policy(
        "AmazonPollyReadOnlyAccess",
        "Grants read-only access to Polly.",
        _allow(
            "polly:DescribeVoices",
            "polly:GetLexicon",
            "polly:GetSpeechSynthesisTask",
            "polly:ListLexicons",
            "polly:ListSpeechSynthesisTasks",
            "polly:SynthesizeSpeech",
        ),
    ),
    _policy(
        "AmazonSSMFullAccess",
        "Provides full access to Systems Manager.",
        _allow("ssm:*", "cloudwatch:PutMetricData"),
    ),
    _policy(
        "AmazonSSMReadOnlyAccess",
        "Provides read-only access to Systems Manager.",
        _allow("ssm:Describe*", "ssm:Get*", "ssm:List*"),
    ),
    _policy(
        "CloudWatchFullAccess",
        "Provides full access to CloudWatch.",
        _allow("cloudwatch:*", "logs:*", "sns:*", *_IAM_READ[1:3]),
    ),
    _policy(
        "CloudWatchFullAccessV2",
        "Provides full access to CloudWatch.",
        _allow("cloudwatch:*", "logs:*", "sns:CreateTopic", "sns:ListTopics", "sns:Subscribe"),
    ),
    _policy(
        "CloudWatchReadOnlyAccess",
        "Provides read-only access to CloudWatch.",
        _allow(
            "cloudwatch:BatchGet*",
            "cloudwatch:Describe*",
            "cloudwatch:Get*",
            "cloudwatch:List*",
            "logs:Describe*",
            "logs:FilterLogEvents",
            "logs:Get*",
            "sns:Get*",
            "sns:List*",
        ),
    ),
    _policy(
        "CloudWatchLogsFullAccess", "Provides full access to CloudWatch Logs.", _allow("logs:*")
    ),
    _policy(
        "AWSLambda_FullAccess",
        "Grants full access to Lambda and read access to what its functions use.",
        _allow("lambda:*", *_LAMBDA_READ[2:], "cloudwatch:ListMetrics"),
        _PASS_TO_LAMBDA,
    ),
    _policy(
        "AWSLambda_ReadOnlyAccess", "Grants read-only access to Lambda.", _allow(*_LAMBDA_READ)
    ),
    _policy(
        "AWSLambdaBasicExecutionRole",
        "Lets a function write its logs.",
        _LOGS,
        path="/service-role/",
    ),
    _policy(
        "AWSLambdaRole",
        "Lets a service invoke functions.",
        _allow("lambda:InvokeFunction"),
        path="/service-role/",
    ),
    _policy(
        "AWSLambdaSQSQueueExecutionRole",
        "Lets a function take messages from queues and write its logs.",
        _SQS_POLLER,
        _LOGS,
        path="/service-role/",
    ),
    _policy(
        "AWSLambdaExecute",
        "Lets a function read and write objects and write its logs.",
        _allow("s3:GetObject", "s3:PutObject", resource="arn:aws:s3:::*"),
        _allow("logs:*", resource="arn:aws:logs:*:*:*"),
    ),
    _policy(
        "ComprehendFullAccess",
        "Provides full access to Comprehend.",
        _allow("comprehend:*", "s3:GetBucketLocation", "s3:ListAllMyBuckets", "s3:ListBucket"),
    ),
    _policy(
        "AmazonRekognitionFullAccess",
        "Provides full access to Rekognition.",
        _allow("rekognition:*"),
    ),
    _policy(
        "AmazonRekognitionCustomLabelsFullAccess",
        "Provides full access to Rekognition Custom Labels and its buckets.",
        _allow("rekognition:*"),
        _allow(
            "s3:GetBucketLocation",
            "s3:GetObject",
            "s3:GetObjectAcl",
            "s3:GetObjectTagging",
            "s3:ListAllMyBuckets",
            "s3:ListBucket",
            "s3:PutObject",
            resource="arn:aws:s3:::*custom-labels*",
        ),
    ),
    _policy(
        "AmazonSageMakerFullAccess",
        "Provides full access to SageMaker and what its jobs use.",
        _allow("sagemaker:*", "cloudwatch:*", "logs:*", "iam:ListRoles", "iam:GetRole"),
        _allow("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
        _PASS_TO_SAGEMAKER,
    ),
    _policy(
        "AWSOrganizationsFullAccess",
        "Provides full access to Organizations.",
        _allow("organizations:*"),
    ),
    _policy(
        "AWSOrganizationsReadOnlyAccess",
        "Provides read-only access to Organizations.",
        _allow("organizations:Describe*", "organizations:List*"),
    ),
)
MANAGED: Mapping[str, ManagedPolicy] = {policy.arn: policy for policy in _ALL}
"""Every AWS managed policy we know, by ARN."""
