"""Lambda: functions as zip packages, run by AWS's own runtime client in worker processes."""

from inhouse.services.lambda_.service import LambdaService

SERVICE = LambdaService
