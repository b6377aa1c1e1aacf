"""Narrates a newsroom's articles: an edit costs only the speech that changed.

It talks to boto3 alone, so the same code deploys to Inhouse and to AWS itself.
"""

from inhouse.solutions.narration.collecting import Collected, collect
from inhouse.solutions.narration.deployment import Deployment, deploy, destroy
from inhouse.solutions.narration.replay import Progress, Unfinished, replay
from inhouse.solutions.narration.report import PRICES_PER_MILLION, Report, report

__all__ = [
    "PRICES_PER_MILLION",
    "Collected",
    "Deployment",
    "Progress",
    "Report",
    "Unfinished",
    "collect",
    "deploy",
    "destroy",
    "replay",
    "report",
]
