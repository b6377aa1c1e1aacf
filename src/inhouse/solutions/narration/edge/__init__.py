"""The edge: serves narrated articles to readers, behind the paywall, from the audio bucket.

It talks to boto3 alone, keeps nothing, and may run as often as it is wanted.
"""

from inhouse.solutions.narration.edge.keys import Unusable
from inhouse.solutions.narration.edge.options import Options
from inhouse.solutions.narration.edge.server import serve

__all__ = ["Options", "Unusable", "serve"]
