"""Systems Manager Parameter Store."""

from inhouse.services.ssm.service import SsmService

SERVICE = SsmService
