"""Amazon SQS: queues that keep messages until somebody has dealt with them."""

from inhouse.services.sqs.service import SqsService

SERVICE = SqsService

__all__ = ["SERVICE", "SqsService"]
