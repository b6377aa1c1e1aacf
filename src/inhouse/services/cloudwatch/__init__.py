"""CloudWatch metrics."""

from inhouse.services.cloudwatch.service import CloudwatchService

SERVICE = CloudwatchService
