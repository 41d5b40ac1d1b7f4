"""One module for each command: parse, read, call, report, exit code. Each has its click command as `command`."""
