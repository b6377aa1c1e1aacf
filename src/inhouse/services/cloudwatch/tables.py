"""Metrics and their data.

A metric is a row; its id stands for account, region, namespace, name and dimensions. Data is one
row for each metric, unit and slot of time, never for each datum: a slot is a second (for data put
with a storage resolution of 1), a minute, five minutes or an hour long. A datum is merged into its
slot as it arrives and lives in exactly one row, so every query adds up whatever slots fall in its
range. A job moves old slots into longer ones, as AWS keeps them: seconds for three hours, minutes
for 15 days, five minutes for 63 days, hours for 455 days.

`distribution` has the slot's values for percentiles, as text that grows by concatenation:
`1.5 2*3 ` is 1.5 once and 2 three times. It is exact up to some 16 KiB and rounded beyond that
(see distribution.py), and NULL once a statistic set without values was put into the slot.
"""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

metrics = Table(
    "cloudwatch_metrics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("dimensions", Text, nullable=False),  # JSON object, sorted by name
    Column("seen", Float, nullable=False),  # when data last came, to the minute
    Index(
        "ix_cloudwatch_metrics_name",
        "account",
        "region",
        "namespace",
        "name",
        "dimensions",
        unique=True,
    ),
)
slots = Table(
    "cloudwatch_slots",
    metadata,
    Column("metric", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),  # seconds: 1, 60, 300 or 3600
    Column("time", Integer, primary_key=True),  # where the slot begins
    Column("unit", Text, primary_key=True),
    Column("count", Float, nullable=False),
    Column("sum", Float, nullable=False),
    Column("min", Float, nullable=False),
    Column("max", Float, nullable=False),
    Column("distribution", Text),
    Index("ix_cloudwatch_slots_age", "period", "time"),
    sqlite_with_rowid=False,
)
upkeep = Table(
    "cloudwatch_upkeep",
    metadata,
    Column("id", Integer, primary_key=True),  # 1
    Column("due", Float, nullable=False),  # when the next roll-up is to run
)
