"""Amazon Polly itself, for the voices that somebody wants to hear from there."""

from inhouse.services.polly.upstream.checks import check
from inhouse.services.polly.upstream.choice import Choice
from inhouse.services.polly.upstream.faults import Away
from inhouse.services.polly.upstream.line import Answer, Upstream

__all__ = ["Answer", "Away", "Choice", "Upstream", "check"]
