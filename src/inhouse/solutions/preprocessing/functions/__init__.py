"""What runs in the functions: the standard library, boto3, and for `images` OpenCV and numpy."""
