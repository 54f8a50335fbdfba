"""One module a subcommand: `add_arguments(subparsers)` and `run(args) -> exit code`."""
