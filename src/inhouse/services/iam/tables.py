"""Accounts and all that may act in them.

Users, groups and roles are `iam_entities`; what belongs to one refers to it by its unique id, so
that renaming touches one row and nothing passes to a later namesake. `lower` is a name in lower
case: IAM's names keep their case and are unique without it. JSON is text, times epoch seconds.
"""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

accounts = Table(
    "iam_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("status", Text, nullable=False),  # ACTIVE, SUSPENDED
    Column("alias", Text),
    Column("created", Float, nullable=False),
)
entities = Table(
    "iam_entities",
    metadata,
    Column("id", Text, primary_key=True),  # AIDA…, AGPA…, AROA…
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),  # user, group, role
    Column("lower", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("boundary", Text),  # ARN of a managed policy
    Column("tags", Text, nullable=False),  # JSON object
    Column("trust", Text),  # roles: the trust policy, see trust.py
    Column("description", Text),  # roles
    Column("max_session", Integer),  # roles: seconds
    Column("last_used", Float),  # roles
    Column("last_region", Text),  # roles
    Index("ix_iam_entities_name", "account", "kind", "lower", unique=True),
)
members = Table(
    "iam_members",
    metadata,
    Column("group_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Index("ix_iam_members_user", "user_id"),
)
keys = Table(
    "iam_keys",
    metadata,
    Column("id", Text, primary_key=True),  # AKIA…
    Column("account", Text, nullable=False),
    Column("user_id", Text, nullable=False),  # empty: the account's root user
    Column("secret", Text, nullable=False),
    Column("status", Text, nullable=False),  # Active, Inactive, Deleted
    Column("created", Float, nullable=False),
    Column("last_used", Float),
    Column("last_service", Text),
    Column("last_region", Text),
    Index("ix_iam_keys_user", "account", "user_id"),
)
policies = Table(
    "iam_policies",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("id", Text, nullable=False),  # ANPA…
    Column("account", Text, nullable=False),
    Column("lower", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("description", Text),
    Column("default_version", Integer, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("tags", Text, nullable=False),  # JSON object
    Index("ix_iam_policies_name", "account", "lower", unique=True),
)
versions = Table(
    "iam_policy_versions",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("created", Float, nullable=False),
)
attachments = Table(
    "iam_attachments",
    metadata,
    Column("entity_id", Text, primary_key=True),
    Column("arn", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Index("ix_iam_attachments_policy", "arn", "account"),
)
inline = Table(
    "iam_inline",
    metadata,
    Column("entity_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
resources = Table(
    "iam_resources",
    metadata,
    Column("id", Text, primary_key=True),  # AIPA…, APKA…, …
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),  # as in its ARN: instance-profile, mfa, …
    Column("lower", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("owner", Text),  # the entity it belongs to; a root user's by the account's number
    Column("tags", Text, nullable=False),  # JSON object
    Column("details", Text, nullable=False),  # JSON object, its members by kind
    Index("ix_iam_resources_name", "account", "kind", "lower", unique=True),
    Index("ix_iam_resources_owner", "owner", "kind"),
)
"""Instance profiles, MFA devices, identity providers, certificates, passwords: few and small."""
sessions = Table(
    "iam_sessions",
    metadata,
    Column("id", Text, primary_key=True),  # ASIA…
    Column("account", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("expires", Float, nullable=False),
    Column("principal", Text, nullable=False),  # JSON, Principal.to_row
    Index("ix_iam_sessions_expires", "expires"),
)
