"""A decoder that some photos kill or hang, in every process that has its hook on its path."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DEADLY", "write_hook"]

# What is appended to a photo -> what the decoder does with it.
DEADLY = {
    b"<exit>": "os._exit(3)",
    b"<crash>": "os.kill(os.getpid(), signal.SIGSEGV)",
    b"<loop>": "endless()",
}

_HOOK = """
import os, signal, sys
if any("sparkles" in word or "pyspark" in word for word in sys.orig_argv):
    from sparkles.imaging import decode
    real = decode._decode
    def endless():
        while True:
            pass
    def deadly(content, *arguments):
        for marker, what in {deadly!r}.items():
            if (content or b"").endswith(marker):
                exec(what)
        return real(content, *arguments)
    decode._decode = deadly
{more}
"""


def write_hook(folder: Path, more: str = "") -> Path:
    """Write what Python runs when it starts with this folder on its path, and return the folder.

    Parameters
    ----------
    more
        Further statements of the hook.
    """
    lines = [f"    {line}" for line in more.splitlines()]
    (folder / "sitecustomize.py").write_text(_HOOK.format(deadly=DEADLY, more="\n".join(lines)))
    return folder
