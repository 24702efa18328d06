/* address.c - see address.h. */
#include "net/address.h"

#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

#include "base/view.h"

/* Ranges that are nobody's on the internet: IANA's registries of special purpose addresses. */
struct range {
    unsigned char first[16];
    int bits;
};

static const struct range ranges4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* shared by a provider's customers */
    {{127}, 8},           /* this machine */
    {{169, 254}, 16},     /* the link, clouds' metadata among it */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocols */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* 6to4 relays */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* groups */
    {{240}, 4},           /* reserved, broadcast */
};

static const struct range ranges6[] = {
    {{0}, 96},                            /* unspecified, this machine, IPv4-compatible */
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48}, /* local translation */
    {{0x01, 0x00}, 64},                   /* discard */
    {{0x20, 0x01, 0x00}, 23},             /* protocols, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
    {{0x3f, 0xff, 0x00}, 20},             /* documentation */
    {{0x5f, 0x00}, 16},                   /* segment routing */
    {{0xfc}, 7},                          /* private */
    {{0xfe, 0x80}, 9},                    /* the link, sites */
    {{0xff}, 8},                          /* groups */
};

/* IPv6 ranges that hold an IPv4 address, and where. */
static const struct {
    struct range range;
    size_t at;
} embedded[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, /* mapped */
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                   /* translated */
    {{{0x20, 0x02}, 16}, 2},                                /* 6to4 */
};

static bool within(const unsigned char *address, const struct range *range)
{
    int whole = range->bits / 8;
    int rest = range->bits % 8;
    unsigned mask = 0xffU << (8 - rest) & 0xff;

    return memcmp(address, range->first, (size_t)whole) == 0 &&
           (rest == 0 || ((address[whole] ^ range->first[whole]) & mask) == 0);
}

static bool public4(const unsigned char *address)
{
    for (size_t i = 0; i < MILL_COUNT(ranges4); i++)
        if (within(address, &ranges4[i]))
            return false;
    return true;
}

static bool public6(const unsigned char *address)
{
    for (size_t i = 0; i < MILL_COUNT(embedded); i++)
        if (within(address, &embedded[i].range))
            return public4(address + embedded[i].at);
    for (size_t i = 0; i < MILL_COUNT(ranges6); i++)
        if (within(address, &ranges6[i]))
            return false;
    return true;
}

bool mill_address_is_public(const struct sockaddr *address)
{
    unsigned char bytes[16];

    if (address->sa_family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return public4(bytes);
    }
    if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
        return public6(bytes);
    }
    return false;
}
