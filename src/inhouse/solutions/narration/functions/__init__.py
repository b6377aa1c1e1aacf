"""What runs in the two functions. Only boto3 and PyAV are needed beside the standard library."""
