"""The one MetaData that every room's tables.py adds to.

Columns are Text, Integer, Float and LargeBinary only: rows go to and from SQLite without
conversion, which keeps a read at a few microseconds. JSON is text, times are epoch seconds.
"""

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
