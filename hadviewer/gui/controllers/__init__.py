"""What joins session, jobs and views; no widget among them."""
