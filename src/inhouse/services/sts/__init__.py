"""Security Token Service."""

from inhouse.services.sts.service import StsService

SERVICE = StsService
