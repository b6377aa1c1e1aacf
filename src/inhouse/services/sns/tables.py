"""Topics, their subscriptions, and messages on their way."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

topics = Table(
    "sns_topics",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON: what the owner has set
    Column("policy", Text, nullable=False),
    Column("tags", Text, nullable=False),  # JSON
    Column("created", Float, nullable=False),
    Index("ix_sns_topics_owner", "account", "region", "arn"),
)

subscriptions = Table(
    "sns_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("arn", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON: what the owner has set
    Column("pending", Integer, nullable=False),
    Column("authenticated", Integer, nullable=False),  # the confirmation was signed
    Column("guarded", Integer, nullable=False),  # unsubscribing needs a signature
    Column("token", Text, unique=True),
    Column("token_expires", Float),
    Column("created", Float, nullable=False),
    Index("ix_sns_subscriptions_endpoint", "topic", "protocol", "endpoint", unique=True),
    Index("ix_sns_subscriptions_topic", "topic", "id"),
    Index("ix_sns_subscriptions_owner", "owner", "region", "id"),
    sqlite_autoincrement=True,
)

messages = Table(
    "sns_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON: see messages.Message
    Column("created", Float, nullable=False),
)

deliveries = Table(
    "sns_deliveries",
    metadata,
    Column("message", Text, primary_key=True),
    Column("subscription", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
)
