"""What ./run can do: one module per command, each with one function that takes the arguments and returns the exit code."""
