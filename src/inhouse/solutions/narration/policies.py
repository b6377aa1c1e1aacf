"""What each function may do, and who may call it: no more than the program uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.solutions.narration.names import Names

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
_STATE = (
    "claims", "fragments", "plans", "refused", "saves", "index", "indexed", "failed", "collected",
)  # fmt: skip


def split(names: Names, insert_buckets: Sequence[str]) -> dict[str, Any]:
    """The first function's permissions. It cannot write audio."""
    state = f"arn:aws:s3:::{names.fragments_bucket}"
    readable = [
        f"{state}/{part}/*"
        for part in ("claims", "fragments", "plans", "indexed", "inserts", "failed")
    ]
    sources = [f"arn:aws:s3:::{bucket}/*" for bucket in insert_buckets]
    return _policy(
        names,
        "split",
        _allow("ListState", ["s3:ListBucket"], [state]),
        _allow("ReadState", ["s3:GetObject"], [*readable, *sources]),
        *([_allow("ListSources", ["s3:ListBucket"],
                  [f"arn:aws:s3:::{bucket}" for bucket in insert_buckets])] if sources else []),
        # Polly writes the fragments with the permissions of who starts the task.
        _allow("WriteState", ["s3:PutObject"], [f"{state}/{part}/*" for part in _STATE]),
        _allow("TakeBack", ["s3:DeleteObject"],
               [f"{state}/{part}/*" for part in ("plans", "fragments", "failed")]),
        _allow("ReadManifests", ["s3:GetObject"],
               [f"arn:aws:s3:::{names.audio_bucket}/*/manifest.json"]),
        _allow("ListAudio", ["s3:ListBucket"], [f"arn:aws:s3:::{names.audio_bucket}"]),
        _allow("Speak", ["polly:StartSpeechSynthesisTask", "polly:GetSpeechSynthesisTask",
                         "polly:ListSpeechSynthesisTasks", "polly:GetLexicon"], ["*"]),
        _allow("Publish", ["lambda:InvokeFunction"], [names.function_arn("merge")]),
        # Polly tells the topic with the permissions of who starts the task, and looks at it first.
        _allow("TellTasks", ["sns:Publish", "sns:GetTopicAttributes"], [names.tasks_topic_arn]),
        _allow("TellFailures", ["sns:Publish"], [names.failures_topic_arn]),
    )  # fmt: skip


def merge(names: Names) -> dict[str, Any]:
    """The second function's permissions. Of Polly it hears only when words are said."""
    state = f"arn:aws:s3:::{names.fragments_bucket}"
    audio = f"arn:aws:s3:::{names.audio_bucket}"
    return _policy(
        names,
        "merge",
        _allow("ListState", ["s3:ListBucket"], [state]),
        _allow(
            "ReadState",
            ["s3:GetObject"],
            [f"{state}/{part}/*" for part in ("fragments", "plans", "words")],
        ),
        _allow("Words", ["s3:PutObject"], [f"{state}/words/*"]),
        _allow("Marks", ["polly:SynthesizeSpeech"], ["*"]),
        _allow(
            "Account",
            ["s3:PutObject"],
            [f"{state}/{part}/*" for part in ("merging", "published", "collecting")],
        ),
        _allow(
            "Ask",
            ["lambda:InvokeFunction"],
            [names.function_arn(which) for which in ("split", "collect")],
        ),
        _allow("ListAudio", ["s3:ListBucket"], [audio]),
        _allow("Audio", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{audio}/*"]),
    )


def collect(names: Names) -> dict[str, Any]:
    """The collector's permissions. It can neither speak nor touch audio."""
    state = f"arn:aws:s3:::{names.fragments_bucket}"
    audio = f"arn:aws:s3:::{names.audio_bucket}"
    removable = (
        "claims", "fragments", "words", "index", "indexed", "merging", "failed", "plans",
        "collecting",
    )  # fmt: skip
    return _policy(
        names,
        "collect",
        _allow("ListState", ["s3:ListBucket"], [state]),
        # A condition on the ETag needs the permission to read.
        _allow(
            "Collect",
            ["s3:GetObject", "s3:DeleteObject"],
            [f"{state}/{one}/*" for one in removable],
        ),
        _allow(
            "Account",
            ["s3:PutObject"],
            [f"{state}/{part}/*" for part in ("claims", "collected", "timed")],
        ),
        _allow("ReadManifests", ["s3:GetObject"], [f"{audio}/*/manifest.json"]),
        _allow("ListAudio", ["s3:ListBucket"], [audio]),
        _allow("GoOn", ["lambda:InvokeFunction"], [names.function_arn("collect")]),
    )


def edge(names: Names) -> dict[str, Any]:
    """What an edge needs: it reads what is heard and counts listenings, and changes nothing."""
    state = f"arn:aws:s3:::{names.fragments_bucket}"
    audio = f"arn:aws:s3:::{names.audio_bucket}"
    counts = _allow("Count", ["cloudwatch:PutMetricData"], ["*"])
    counts["Condition"] = {"StringEquals": {"cloudwatch:namespace": "Inhouse/Narration"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("List", ["s3:ListBucket"], [audio, state]),
            _allow(
                "Read",
                ["s3:GetObject"],
                [f"{audio}/*", *(f"{state}/{part}/*" for part in ("fragments", "plans", "words"))],
            ),
            counts,
        ],
    }


def dead_letters(names: Names) -> dict[str, Any]:
    """SNS may leave here what it cannot deliver."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Undeliverable",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": names.dead_letters_arn,
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": [names.topic_arn, names.tasks_topic_arn]}
                },
            }
        ],
    }


def _policy(names: Names, which: str, *statements: dict[str, Any]) -> dict[str, Any]:
    logs = f"arn:aws:logs:{names.region}:{names.account}:log-group:{names.log_group(which)}"
    parameter = f"arn:aws:ssm:{names.region}:{names.account}:parameter{names.parameter}"
    metrics = _allow("Metrics", ["cloudwatch:PutMetricData"], ["*"])
    metrics["Condition"] = {"StringEquals": {"cloudwatch:namespace": "Inhouse/Narration"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("Configuration", ["ssm:GetParameter"], [parameter]),
            _allow("DeadLetters", ["sqs:SendMessage"], [names.dead_letters_arn]),
            metrics,
            _allow(
                "Logs",
                ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                [logs, f"{logs}:*"],
            ),
            *statements,
        ],
    }


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
