"""One folder per AWS service. A new folder with a `SERVICE` object is found at start-up."""
