"""Readings of the machine from /proc: processors, memory, disk, network.

Every source is made once, which takes its first reading, and raises OSError where the system
does not tell; `read` then gives values by their names in MLflow.  Megabytes are 10^6 bytes.
"""

from __future__ import annotations

import os
from typing import Dict, Tuple

_MEGABYTE = 1e6


class Processors:
    """How busy all processors together were since the reading before, in percent."""

    def __init__(self) -> None:
        self._before = self._times()

    @staticmethod
    def _times() -> Tuple[int, int]:
        """Time of all processors so far and how much of it was busy, in clock ticks."""
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(field) for field in stat.readline().split()[1:]]
        # The last two, time of guests, are contained in the first two.
        total = sum(ticks[:8])
        idle, waiting = ticks[3:5]
        return total, total - idle - waiting

    def read(self) -> Dict[str, float]:
        before, self._before = self._before, self._times()
        total, busy = (now - then for now, then in zip(self._before, before))
        return {"cpu_utilization_percentage": 100 * busy / total if total > 0 else 0.0}


class Memory:
    """Memory that is not available to a new program."""

    def __init__(self) -> None:
        self.read()

    def read(self) -> Dict[str, float]:
        with open("/proc/meminfo", encoding="ascii") as meminfo:
            sizes = dict(line.split(":", 1) for line in meminfo)
        total, available = (int(sizes[name].split()[0]) * 1024
                            for name in ("MemTotal", "MemAvailable"))
        used = total - available
        return {"system_memory_usage_megabytes": used / _MEGABYTE,
                "system_memory_usage_percentage": 100 * used / total}


class Disk:
    """The file system of the root directory, as a user without privileges sees it."""

    def __init__(self) -> None:
        self.read()

    def read(self) -> Dict[str, float]:
        disk = os.statvfs("/")
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        available = disk.f_bavail * disk.f_frsize
        return {"disk_usage_percentage": 100 * used / max(used + available, 1),
                "disk_usage_megabytes": used / _MEGABYTE,
                "disk_available_megabytes": available / _MEGABYTE}


class Network:
    """What went through all interfaces since this source was made."""

    def __init__(self) -> None:
        self._first = self._bytes()

    @staticmethod
    def _bytes() -> Tuple[int, int]:
        """Bytes received and sent since the machine started."""
        with open("/proc/net/dev", encoding="ascii", errors="replace") as devices:
            fields = [line.rpartition(":")[2].split() for line in devices.readlines()[2:]]
        return sum(int(row[0]) for row in fields), sum(int(row[8]) for row in fields)

    def read(self) -> Dict[str, float]:
        received, sent = (now - then for now, then in zip(self._bytes(), self._first))
        return {"network_receive_megabytes": received / _MEGABYTE,
                "network_transmit_megabytes": sent / _MEGABYTE}


SOURCES = (Processors, Memory, Disk, Network)
