"""The page that opens the live socket, in a real browser."""
