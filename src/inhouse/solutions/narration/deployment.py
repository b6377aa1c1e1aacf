"""Makes, keeps and removes a narration: what `inhouse narration deploy` and `destroy` do."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from inhouse.solutions import deploying
from inhouse.solutions.narration import policies, resources, separator
from inhouse.solutions.narration.functions.config import Config, Reuse
from inhouse.solutions.narration.functions.fragments import PREFIX
from inhouse.solutions.narration.names import Names
from inhouse.solutions.narration.packaging import package
from inhouse.solutions.narration.resuming import resume
from inhouse.solutions.narration.voices import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3

SECONDS = {"split": 300, "merge": 300, "collect": 900}
MEMORY_MIB = {"split": 256, "merge": 512, "collect": 256}
MOST_LEXICONS = 5
"""Of one text. https://docs.aws.amazon.com/polly/latest/dg/limits.html"""
FAILED_TASKS = {"taskStatus": [{"equals-ignore-case": "failed"}]}
"""What the first function hears of Polly's tasks."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What there is now; `changes` is empty when it already was so."""

    name: str
    topic_arn: str
    fragments_bucket: str
    audio_bucket: str
    dead_letters_url: str
    split_function: str
    merge_function: str
    split_role: str
    merge_role: str
    failures_topic_arn: str
    collect_function: str
    parameter: str
    voice: str
    language: str
    engine: str
    changes: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """Names and changes, for people and scripts."""
        return json.dumps(asdict(self), indent=2)


def deploy(
    session: boto3.Session,
    name: str = "narration",
    *,
    voice: str | None = None,
    language: str | None = None,
    engine: str | None = None,
    sample_rate: int | None = None,
    voices: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    lexicons: Sequence[str] = (),
    reuse: Reuse = "paragraph",
    words: bool = True,
    insert_buckets: Sequence[str] = (),
    keep_fragments_days: float | None = None,
    publisher: str = "",
    layers: Sequence[str] = (),
    runtime: str = f"python3.{sys.version_info.minor}",
) -> Deployment:
    """Creates the narration `name` in the session's account and region, or brings it up to date.

    Without `voice` and `language` it speaks US English with Joanna; each language an article names
    has a usual voice, unless `voices` (by language) says otherwise. `notes` (by primary language)
    are what teasers end with. `layers` are ARNs of Lambda layers: on AWS one must hold PyAV, which
    Inhouse brings. `insert_buckets` may be read for inserts; the prefix `inserts/` of the
    fragments bucket always may. `reuse` is what is spoken as one and said again for free: a
    paragraph, or a sentence. `words` keeps the times of words, which Polly bills once more.
    `lexicons` are applied as they are at each save. Fragments that no article needs any more are
    collected after `keep_fragments_days`; None keeps them for ever. Raises ValueError when
    something does not fit.
    """
    names = Names.of(session, name)
    _check(reuse, keep_fragments_days)
    chosen = choose(session.client("polly"), voice, language, engine, sample_rate)
    changes: list[str | None] = []
    url = _places(session, names, changes)
    sound, pause = _sounds(session, names, chosen.sample_rate, reuse, changes)
    config = _config(
        names, chosen, url, sound, pause,
        reuse=reuse, words=words, keep_fragments_days=keep_fragments_days, publisher=publisher,
        lexicons=_lexicons(session, lexicons), voices=dict(voices or {}), notes=dict(notes or {}),
    )  # fmt: skip
    told = config.to_json()
    changes.append(resources.parameter(session.client("ssm"), names.parameter, told))
    roles = _roles(session, names, insert_buckets, changes)
    _functions(session, names, roles, told, runtime, layers, changes)
    _connect(session, names, changes)
    if any(
        change and change.startswith(("created function", "created bucket")) for change in changes
    ):
        changes.append(resume(session, names))
    return _deployment(names, chosen, url, roles, changes)


def _config(
    names: Names, chosen: Choice, url: str, separator: str, pause: str, **wishes: Any
) -> Config:
    """What the functions are told: `wishes` are the fields that `deploy` passes on as they are."""
    return Config(
        name=names.name,
        fragments_bucket=names.fragments_bucket,
        audio_bucket=names.audio_bucket,
        dead_letters=url,
        merge_function=names.function("merge"),
        split_function=names.function("split"),
        collect_function=names.function("collect"),
        tasks_topic=names.tasks_topic_arn,
        failures_topic=names.failures_topic_arn,
        language=chosen.language,
        voice=chosen.voice,
        engine=chosen.engine,
        engines=chosen.engines,
        sample_rate=chosen.sample_rate,
        separator=separator,
        pause=pause,
        **wishes,
    )


def _deployment(
    names: Names, chosen: Choice, url: str, roles: Mapping[str, str], changes: list[str | None]
) -> Deployment:
    return Deployment(
        name=names.name,
        topic_arn=names.topic_arn,
        fragments_bucket=names.fragments_bucket,
        audio_bucket=names.audio_bucket,
        dead_letters_url=url,
        split_function=names.function("split"),
        merge_function=names.function("merge"),
        split_role=roles["split"],
        merge_role=roles["merge"],
        failures_topic_arn=names.failures_topic_arn,
        collect_function=names.function("collect"),
        parameter=names.parameter,
        voice=chosen.voice,
        language=chosen.language,
        engine=chosen.engine,
        changes=tuple(change for change in changes if change),
    )


def _check(reuse: str, keep_fragments_days: float | None) -> None:
    if reuse not in get_args(Reuse):
        raise ValueError(f"reuse is {reuse!r}; it must be paragraph or sentence")
    if keep_fragments_days is not None and not 1 <= keep_fragments_days < float("inf"):
        raise ValueError(
            f"keep_fragments_days is {keep_fragments_days}; it must be at least 1, or None to keep"
            " fragments for ever"
        )


def _places(session: boto3.Session, names: Names, changes: list[str | None]) -> str:
    """Makes buckets, queue and topics; returns the queue's URL."""
    s3, sqs, sns = session.client("s3"), session.client("sqs"), session.client("sns")
    changes.append(resources.bucket(s3, names.fragments_bucket, names.region))
    changes.append(resources.bucket(s3, names.audio_bucket, names.region))
    url, change = resources.queue(sqs, names.dead_letters, policies.dead_letters(names))
    changes.append(change)
    for topic, arn in _topics(names).items():
        changes.append(resources.topic(sns, topic, arn))
    return url


def _topics(names: Names) -> dict[str, str]:
    return {
        names.topic: names.topic_arn,
        names.tasks_topic: names.tasks_topic_arn,
        names.failures_topic: names.failures_topic_arn,
    }


def _sounds(
    session: boto3.Session,
    names: Names,
    sample_rate: int,
    reuse: Reuse,
    changes: list[str | None],
) -> tuple[str, str]:
    """Fragment names of the separator and, for sentences, of the pause after a paragraph."""
    s3 = session.client("s3")
    sound, change = separator.ensure(s3, names.fragments_bucket, sample_rate)
    changes.append(change)
    if reuse == "paragraph":
        return sound, ""
    pause, change = separator.ensure_pause(s3, names.fragments_bucket, sample_rate)
    changes.append(change)
    return sound, pause


def _lexicons(session: boto3.Session, wanted: Sequence[str]) -> list[str]:
    """The names, once each lexicon is known to be there."""
    polly = session.client("polly")
    if len(wanted) > MOST_LEXICONS:
        raise ValueError(f"lexicons are {len(wanted)}; Polly applies at most {MOST_LEXICONS}")
    for name in wanted:
        try:
            polly.get_lexicon(Name=name)
        except polly.exceptions.LexiconNotFoundException:
            raise ValueError(f"lexicon {name!r} is not there; PutLexicon makes it") from None
    return list(wanted)


def _roles(
    session: boto3.Session, names: Names, insert_buckets: Sequence[str], changes: list[str | None]
) -> dict[str, str]:
    iam = session.client("iam")
    roles = {}
    for which, policy in (
        ("merge", policies.merge(names)),
        ("split", policies.split(names, insert_buckets)),
        ("collect", policies.collect(names)),
    ):
        roles[which], change = deploying.role(
            iam, names.role(which), policies.TRUST, policy, "narration"
        )
        changes.append(change)
    return roles


def _functions(
    session: boto3.Session,
    names: Names,
    roles: Mapping[str, str],
    told: str,
    runtime: str,
    layers: Sequence[str],
    changes: list[str | None],
) -> None:
    client = session.client("lambda")
    code = package()
    # A changed configuration changes the environment, so that warm functions start anew with it.
    environment = {
        "NARRATION_CONFIG": names.parameter,
        "NARRATION_CONFIG_DIGEST": hashlib.sha256(told.encode()).hexdigest(),
    }
    for which, role in roles.items():
        settings: dict[str, Any] = {
            "FunctionName": names.function(which),
            "Runtime": runtime,
            "Role": role,
            "Handler": f"narration.{which}.handler",
            "Timeout": SECONDS[which],
            "MemorySize": MEMORY_MIB[which],
            "Environment": {"Variables": environment},
            "DeadLetterConfig": {"TargetArn": names.dead_letters_arn},
            "Layers": list(layers),
        }
        changes.append(deploying.function(client, settings, code))


def _connect(session: boto3.Session, names: Names, changes: list[str | None]) -> None:
    client, sns, s3 = (session.client(service) for service in ("lambda", "sns", "s3"))
    bucket_arn = f"arn:aws:s3:::{names.fragments_bucket}"
    for which, sid, service, source in (
        ("split", "saves", "sns.amazonaws.com", names.topic_arn),
        ("split", "tasks", "sns.amazonaws.com", names.tasks_topic_arn),
        ("merge", "fragments", "s3.amazonaws.com", bucket_arn),
    ):
        changes.append(
            resources.permission(client, names.function(which), sid, service, source, names.account)
        )
    merge_arn, split_arn = names.function_arn("merge"), names.function_arn("split")
    changes.append(resources.notification(s3, names.fragments_bucket, PREFIX, merge_arn))
    for topic, body in ((names.topic_arn, None), (names.tasks_topic_arn, FAILED_TASKS)):
        letters = names.dead_letters_arn
        changes.append(resources.subscription(sns, topic, split_arn, letters, body))


def destroy(session: boto3.Session, name: str = "narration") -> list[str]:
    """Removes the narration with all its audio; returns what was removed.

    Raises ValueError, with everything still in place, when its buckets have access points.
    """
    names = Names.of(session, name)
    buckets = (names.fragments_bucket, names.audio_bucket)
    for bucket in buckets:
        _refuse_shared(session, names.account, bucket)
    done: list[str] = []
    sns, sqs = session.client("sns"), session.client("sqs")
    for topic, arn in _topics(names).items():
        if _drop_topic(sns, arn):
            done.append(f"topic {topic}")
    functions, iam, logs = session.client("lambda"), session.client("iam"), session.client("logs")
    for which in SECONDS:
        if deploying.existing(functions.get_function, FunctionName=names.function(which)):
            functions.delete_function(FunctionName=names.function(which))
            done.append(f"function {names.function(which)}")
        deploying.existing(logs.delete_log_group, logGroupName=names.log_group(which))
        if deploying.existing(iam.get_role, RoleName=names.role(which)):
            deploying.existing(
                iam.delete_role_policy, RoleName=names.role(which), PolicyName="narration"
            )
            iam.delete_role(RoleName=names.role(which))
            done.append(f"role {names.role(which)}")
    if found := deploying.existing(sqs.get_queue_url, QueueName=names.dead_letters):
        sqs.delete_queue(QueueUrl=found["QueueUrl"])
        done.append(f"queue {names.dead_letters}")
    ssm = session.client("ssm")
    if deploying.existing(ssm.delete_parameter, Name=names.parameter) is not None:
        done.append(f"parameter {names.parameter}")
    for bucket in buckets:
        if _drop_bucket(session.client("s3"), bucket):
            done.append(f"bucket {bucket}")
    return done


def _refuse_shared(session: boto3.Session, account: str, bucket: str) -> None:
    """A bucket with access points cannot be deleted, so it must not be emptied either."""
    control = deploying.s3_control(session)
    found = control.list_access_points(AccountId=account, Bucket=bucket)["AccessPointList"]
    if points := [one["Name"] for one in found]:
        raise ValueError(
            f"bucket {bucket} has access points, which somebody may read through: "
            f"{', '.join(points)}; delete them first"
        )


def _drop_topic(sns: Any, arn: str) -> bool:
    if deploying.existing(sns.get_topic_attributes, TopicArn=arn) is None:
        return False
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn):
        for one in page["Subscriptions"]:
            if one["SubscriptionArn"] != "PendingConfirmation":
                sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    sns.delete_topic(TopicArn=arn)
    return True


def _drop_bucket(s3: Any, name: str) -> bool:
    if deploying.existing(s3.head_bucket, Bucket=name) is None:
        return False
    # A function that was still running may have written after the listing.
    for _ in range(5):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
            if keys:
                s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
        try:
            s3.delete_bucket(Bucket=name)
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise
        else:
            return True
    raise RuntimeError(f"bucket {name} is still being written to; destroy again")
