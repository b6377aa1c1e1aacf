"""S3 Control: access points, Object Lambda access points, an account's public access block."""

from inhouse.services.s3control.service import S3ControlService

SERVICE = S3ControlService
