"""CloudWatch Logs, as far as functions and those who read their logs need it."""

from inhouse.services.logs.service import LogsService

SERVICE = LogsService
