"""What the tests of other people's programs share: programs that run, recipes that are read, bytes that are compared."""
