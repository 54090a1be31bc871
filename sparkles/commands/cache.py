"""``sparkles cache``: show the converted networks on this machine, or delete them."""

from __future__ import annotations

from datetime import datetime

from sparkles.models.cache import cache_folder
from sparkles.models.stored_networks import cache_limit, empty_folder, stored_networks
from sparkles.settings.commands import CacheSettings

__all__ = ["cache"]

_MB = 1_000_000


def cache(settings: CacheSettings) -> None:
    """Print where the converted networks are, each with its size and when it was last used.

    Parameters
    ----------
    settings
        With ``empty``, they are deleted instead. Jobs convert their networks again.
    """
    folder = cache_folder()
    if settings.empty:
        print(f"deleted {empty_folder(folder) / _MB:,.0f} MB in {folder}")  # noqa: T201
        return
    networks = stored_networks(folder)
    held = sum(network.size for network in networks)
    print(  # noqa: T201
        f"{folder}: {len(networks):,} networks, {held / _MB:,.0f} MB of at most "
        f"{cache_limit() / _MB:,.0f} MB"
    )
    for network in networks:
        used = datetime.fromtimestamp(network.used).astimezone()
        described = network.description or "unknown"
        print(  # noqa: T201
            f"  {network.size / _MB:8,.1f} MB  used {used:%Y-%m-%d %H:%M}  {described}"
        )
