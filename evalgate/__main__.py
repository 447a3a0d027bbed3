"""`python -m evalgate` is the command line."""

from evalgate.cli import main

if __name__ == "__main__":
    main()
