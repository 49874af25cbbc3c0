"""Does ``gradex --help`` answer in a tenth of the time it takes to import the statistics?

Run: ``python benchmarks/help_time.py``. Prints medians over alternating runs and their ratio.
"""

import statistics
import subprocess
import sys
import time

RUNS = 9
HELP = [sys.executable, "-m", "gradex_analysis", "--help"]
IMPORTS = [sys.executable, "-c", "import pandas, scipy.stats, statsmodels.api"]


def seconds(command: list[str]) -> float:
    """Time one run of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    seconds(HELP), seconds(IMPORTS)  # the first run reads the disk
    runs = [(seconds(HELP), seconds(IMPORTS)) for _ in range(RUNS)]
    help_time, import_time = map(statistics.median, zip(*runs, strict=True))
    print(f"gradex --help {help_time:.3f} s, imports {import_time:.3f} s, {RUNS} runs each")
    print(f"ratio {help_time / import_time:.3f} (wanted: below 0.1)")
