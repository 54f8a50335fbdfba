"""A register that only the tests have: what the next one costs. See ledgers/README.md."""
