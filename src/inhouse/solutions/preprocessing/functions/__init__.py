"""What runs in the functions: the standard library alone, and for `images` OpenCV and numpy."""
