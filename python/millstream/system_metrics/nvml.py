"""Readings of NVIDIA's processors, through the driver's own library where there is one."""

from __future__ import annotations

import ctypes
from typing import Dict, List

LIBRARY = "libnvidia-ml.so.1"

_MEGABYTE = 1e6


class _Memory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong),
                ("used", ctypes.c_ulonglong)]


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class _Refused(Exception):
    """The library answered a call with an error."""


class Gpus:
    """Memory, load and power of every NVIDIA device.

    Raises OSError where the driver's library is missing or finds no device.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        try:
            self._call("nvmlInit_v2")
            self._devices = self._handles()
        except _Refused as refused:
            raise OSError(f"{LIBRARY}: {refused}") from None

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments)
        if code != 0:
            raise _Refused(f"{name} failed with error {code}")

    def _handles(self) -> List[ctypes.c_void_p]:
        count = ctypes.c_uint()
        self._call("nvmlDeviceGetCount_v2", ctypes.byref(count))
        handles = []
        for index in range(count.value):
            handle = ctypes.c_void_p()
            self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index),
                       ctypes.byref(handle))
            handles.append(handle)
        return handles

    def _ask(self, function: str, device: ctypes.c_void_p, answer):
        self._call(function, device, ctypes.byref(answer))
        return answer

    def _memory(self, device: ctypes.c_void_p) -> Dict[str, float]:
        memory = self._ask("nvmlDeviceGetMemoryInfo", device, _Memory())
        return {"memory_usage_percentage": 100 * memory.used / memory.total,
                "memory_usage_megabytes": memory.used / _MEGABYTE}

    def _load(self, device: ctypes.c_void_p) -> Dict[str, float]:
        load = self._ask("nvmlDeviceGetUtilizationRates", device, _Utilization())
        return {"utilization_percentage": load.gpu}

    def _power(self, device: ctypes.c_void_p) -> Dict[str, float]:
        used, limit = (self._ask(function, device, ctypes.c_uint()).value for function in (
            "nvmlDeviceGetPowerUsage", "nvmlDeviceGetEnforcedPowerLimit"))
        return {"power_usage_watts": used / 1000, "power_usage_percentage": 100 * used / limit}

    def read(self) -> Dict[str, float]:
        """What each device tells; a question that it does not answer is left out."""
        values: Dict[str, float] = {}
        for index, device in enumerate(self._devices):
            for question in (self._memory, self._load, self._power):
                try:
                    found = question(device)
                except (_Refused, ZeroDivisionError):
                    continue
                values.update((f"gpu_{index}_{name}", value) for name, value in found.items())
        return values
