"""Keep what git does not track out of the source archive, and say so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LeaveOutUntracked(BuildHookInterface[BuilderConfig]):
    """``only-include`` names folders; a patient's file saved inside one of them is refused here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Exclude every untracked file; an unpacked source archive, without git, is all tracked."""
        if not Path(self.root, ".git").exists():
            return
        target = self.build_config.target_config
        untracked = self._untracked(target["only-include"])
        if untracked:
            self.app.display_warning(f"Left out, not tracked by git: {', '.join(untracked)}")
        patterns = ["/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", name) for name in untracked]
        target["exclude"] = [*target.get("exclude", []), *patterns]

    def _untracked(self, folders: list[str]) -> list[str]:
        command = ["git", "ls-files", "--others", "--exclude-standard", "-z", "--", *folders]
        listed = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True)
        return listed.stdout.split("\0")[:-1]
