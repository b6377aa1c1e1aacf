"""Amazon SNS: topics that deliver each message to functions, queues and web endpoints."""

from inhouse.services.sns.service import SnsService

SERVICE = SnsService

__all__ = ["SERVICE", "SnsService"]
