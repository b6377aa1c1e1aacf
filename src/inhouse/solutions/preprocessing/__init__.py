"""Objects that are transformed while they are read, with nothing derived stored."""
