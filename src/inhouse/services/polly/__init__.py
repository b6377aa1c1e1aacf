"""Polly: text and SSML to speech."""

from inhouse.services.polly.service import PollyService

SERVICE = PollyService
