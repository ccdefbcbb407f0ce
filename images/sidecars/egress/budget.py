"""What egress may keep in memory on behalf of its clients, all together."""

from __future__ import annotations

from collections import defaultdict

# Of one request that is under way, whatever its body.
REQUEST_COST = 16 * 1024
# Two bodies at the cap always fit, however large the cap is.
_LEAST = 64 * 1024 * 1024


class Budget:
    """Bytes by client and purpose. A client's share is given back at the latest when it disconnects."""

    def __init__(self) -> None:
        self.limit = _LEAST
        self._held: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.total = 0

    def fit(self, upload_cap: int) -> None:
        self.limit = max(_LEAST, 2 * upload_cap)

    def hold(self, client: str, purpose: str, size: int) -> bool:
        """Whether `client` may now keep `size` bytes in all for `purpose`; where not, nothing changes."""
        grown = size - self._held[client].get(purpose, 0)
        if grown > 0 and self.total + grown > self.limit:
            return False
        self.total += grown
        self._held[client][purpose] = size
        return True

    def release(self, client: str, purpose: str) -> None:
        self.total -= self._held[client].pop(purpose, 0)
        if not self._held[client]:
            del self._held[client]

    def forget(self, client: str) -> None:
        self.total -= sum(self._held.pop(client, {}).values())


BUDGET = Budget()
