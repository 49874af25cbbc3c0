"""How is the command run without being on the path? ``python -m gradex_analysis``."""

from gradex_analysis.cli import main

if __name__ == "__main__":
    main()
