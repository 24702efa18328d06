/* address.h - which addresses belong to the public internet. Pure; any thread. */
#ifndef MILL_NET_ADDRESS_H
#define MILL_NET_ADDRESS_H

#include <stdbool.h>

#include <sys/socket.h>

/* Whether an address may be anybody's on the internet: not this machine, a private network, the
 * link, a group, a range that is reserved or for documentation. IPv6 addresses that stand for
 * an IPv4 address (mapped, translated, 6to4) are judged by that one. False for anything but
 * IPv4 and IPv6. */
bool mill_address_is_public(const struct sockaddr *address);

#endif
