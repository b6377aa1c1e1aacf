"""kill -9 of the server and its workers at random moments: nobody who listens can tell."""
