/* nvml_standin.c - NVIDIA's library as test_system_metrics.py knows it: two devices, the second
 * of which does not tell its power. */
#include <stdint.h>

enum { OK = 0, NOT_SUPPORTED = 3 };

struct memory {
    unsigned long long total, free, used;
};

struct utilization {
    unsigned int gpu, memory;
};

int nvmlInit_v2(void)
{
    return OK;
}

int nvmlDeviceGetCount_v2(unsigned int *count)
{
    *count = 2;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device)
{
    *device = (void *)(uintptr_t)(index + 1);
    return OK;
}

int nvmlDeviceGetMemoryInfo(void *device, struct memory *memory)
{
    memory->total = 8000000000ULL * (uintptr_t)device;
    memory->used = 2000000000ULL;
    memory->free = memory->total - memory->used;
    return OK;
}

int nvmlDeviceGetUtilizationRates(void *device, struct utilization *utilization)
{
    utilization->gpu = 40 + (unsigned int)(uintptr_t)device;
    utilization->memory = 1;
    return OK;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts)
{
    *milliwatts = 75500;
    return (uintptr_t)device == 1 ? OK : NOT_SUPPORTED;
}

int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned int *milliwatts)
{
    (void)device;
    *milliwatts = 151000;
    return OK;
}
