"""Speech Synthesis Markup Language as Amazon Polly reads it."""

from inhouse.engines.speech.ssml.document import Element, Node, Text
from inhouse.engines.speech.ssml.parse import parse

__all__ = ["Element", "Node", "Text", "parse"]
