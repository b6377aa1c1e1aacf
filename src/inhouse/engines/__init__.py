"""Machine learning and media. Engines know nothing of AWS, HTTP or SQL."""
