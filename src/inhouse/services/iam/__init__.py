"""Identity and Access Management."""

from inhouse.services.iam.identities import Identities
from inhouse.services.iam.service import IamService

SERVICE = IamService

__all__ = ["SERVICE", "IamService", "Identities"]
