/* security.c - rules for the Host and Origin headers. Addresses are parsed, never compared as
 * text: 10.example.com is not a private address. */
#include "server/security.h"

#include <arpa/inet.h>

bool mill_glob(struct mill_view pattern, struct mill_view text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

    while (t < text.len) {
        struct mill_view pc = {pattern.ptr + p, 1}, tc = {text.ptr + t, 1};
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || mill_view_eq_nocase(pc, tc))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* --- hosts ------------------------------------------------------------------------------ */

/* Cuts "name:port", "[v6]:port" and "name"; false for anything else. */
static bool split_host(struct mill_view host, struct mill_view *name_out,
                       struct mill_view *port_out)
{
    struct mill_view rest;

    *port_out = (struct mill_view){NULL, 0};
    if (host.len > 0 && host.ptr[0] == '[') {
        rest = mill_view_cut(mill_view_from(host, 1), ']', name_out);
        if (rest.ptr == NULL || name_out->len == 0)
            return false;
        if (rest.len == 0)
            return true;
        if (rest.ptr[0] != ':')
            return false;
        *port_out = mill_view_from(rest, 1);
    } else {
        *port_out = mill_view_cut(host, ':', name_out);
    }
    for (size_t i = 0; i < port_out->len; i++) {
        if (port_out->ptr[i] < '0' || port_out->ptr[i] > '9')
            return false;
    }
    return name_out->len > 0;
}

static bool private_v4(uint32_t address)
{
    return address == 0 || /* 0.0.0.0, this machine */
           address >> 24 == 127 || address >> 24 == 10 ||
           address >> 20 == (172U << 4 | 1) || /* 172.16.0.0/12 */
           address >> 16 == (192U << 8 | 168);
}

static bool private_v6(const unsigned char *bytes)
{
    static const unsigned char loopback[16] = {[15] = 1};
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
        return private_v4((uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 |
                          (uint32_t)bytes[14] << 8 | bytes[15]);
    return memcmp(bytes, loopback, sizeof(loopback)) == 0 || (bytes[0] & 0xfe) == 0xfc ||
           (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static bool is_loopback_name(struct mill_view name)
{
    return mill_view_eq_nocase(name, MILL_VIEW("localhost")) ||
           mill_view_eq(name, MILL_VIEW("127.0.0.1")) || mill_view_eq(name, MILL_VIEW("::1"));
}

static bool is_private_address(struct mill_view name)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;

    if (name.len >= sizeof(text))
        return false;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    if (inet_pton(AF_INET, text, &v4) == 1)
        return private_v4(ntohl(v4.s_addr));
    return inet_pton(AF_INET6, text, &v6) == 1 && private_v6(v6.s6_addr);
}

static bool listed(const struct mill_view *list, size_t count, struct mill_view text)
{
    for (size_t i = 0; i < count; i++) {
        if (mill_glob(list[i], text))
            return true;
    }
    return false;
}

bool mill_security_host(const struct mill_security *security, struct mill_view host)
{
    struct mill_view name, port;

    if (security->off || host.ptr == NULL)
        return true;
    if (security->host_count > 0)
        return listed(security->hosts, security->host_count, host);
    if (!split_host(host, &name, &port))
        return false;
    return is_loopback_name(name) || is_private_address(name) ||
           mill_view_eq_nocase(name, security->bind_host);
}

/* --- origins ---------------------------------------------------------------------------- */

/* An origin is scheme, host and port: no pattern shall be met by a path or a user's name. */
static bool has_more_than_host(struct mill_view origin)
{
    struct mill_view scheme;
    struct mill_view rest = mill_view_cut(origin, '/', &scheme);

    if (mill_view_starts(rest, MILL_VIEW("/")))
        rest = mill_view_from(rest, 1);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] == '/' || rest.ptr[i] == '@')
            return true;
    }
    return false;
}

bool mill_security_origin(const struct mill_security *security, struct mill_view origin,
                          struct mill_view host)
{
    struct mill_view name, port, authority;

    if (security->off || security->any_origin)
        return true;
    if (has_more_than_host(origin))
        return false;
    if (listed(security->origins, security->origin_count, origin))
        return true;
    if (mill_view_starts(origin, MILL_VIEW("http://")))
        authority = mill_view_from(origin, 7);
    else if (mill_view_starts(origin, MILL_VIEW("https://")))
        authority = mill_view_from(origin, 8);
    else
        return false;
    /* A page of this very server, whose Host header was checked before. */
    if (host.ptr != NULL && mill_view_eq_nocase(authority, host))
        return true;
    return split_host(authority, &name, &port) && is_loopback_name(name);
}

/* --- settings --------------------------------------------------------------------------- */

static enum mill_status cut_list(struct mill_view text, struct mill_arena *arena,
                                 const struct mill_view **items_out, size_t *count_out,
                                 struct mill_error *err)
{
    size_t most = 1, count = 0;
    struct mill_view *items;

    for (size_t i = 0; i < text.len; i++)
        most += text.ptr[i] == ',';
    items = mill_arena_zero(arena, most, sizeof(*items));
    if (items == NULL)
        return mill_fail(err, MILL_E_NOMEM, "reading the settings: out of memory");
    while (text.len > 0) {
        struct mill_view item;
        text = mill_view_cut(text, ',', &item);
        item = mill_view_trim(item);
        if (item.len > 0)
            items[count++] = item;
    }
    *items_out = items;
    *count_out = count;
    return MILL_OK;
}

enum mill_status mill_security_init(struct mill_security *security,
                                    const struct mill_server_config *config,
                                    struct mill_arena *arena, struct mill_error *err)
{
    struct mill_security s = {.off = config->disable_security, .bind_host = config->host};
    enum mill_status st;

    st = cut_list(config->allowed_hosts, arena, &s.hosts, &s.host_count, err);
    if (st == MILL_OK)
        st = cut_list(config->cors_allowed_origins, arena, &s.origins, &s.origin_count, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < s.origin_count; i++)
        s.any_origin |= mill_view_eq(s.origins[i], MILL_VIEW("*"));
    *security = s;
    return MILL_OK;
}
