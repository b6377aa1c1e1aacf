"""Encryption at rest, under the server's keys (SSE-S3) or those of customers (SSE-C)."""
