"""What the count will do next, fitted to one person."""
