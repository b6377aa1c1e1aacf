"""Whole systems built on boto3 alone, so that the same code runs on AWS itself."""
