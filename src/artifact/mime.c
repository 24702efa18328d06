/* mime.c - see mime.h. */
#include "artifact/mime.h"

#include "base/view.h"

#define TEXT "text/plain; charset=utf-8"

struct ending {
    const char *text; /* lower case, without the dot */
    const char *type;
};

/* Whole names that have no ending. */
static const struct ending names[] = {
    {"MLmodel", TEXT},
    {"MLproject", TEXT},
};

static const struct ending endings[] = {
    {"txt", TEXT},
    {"log", TEXT},
    {"err", TEXT},
    {"cfg", TEXT},
    {"conf", TEXT},
    {"cnf", TEXT},
    {"cf", TEXT},
    {"ini", TEXT},
    {"properties", TEXT},
    {"prop", TEXT},
    {"hocon", TEXT},
    {"toml", TEXT},
    {"yaml", TEXT},
    {"yml", TEXT},
    {"xml", TEXT},
    {"json", TEXT},
    {"js", TEXT},
    {"py", TEXT},
    {"py3", TEXT},
    {"csv", TEXT},
    {"tsv", TEXT},
    {"md", TEXT},
    {"rst", TEXT},
    {"c", TEXT},
    {"h", TEXT},
    {"bat", TEXT},
    {"pl", TEXT},
    {"ksh", TEXT},
    {"mjs", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"jpe", "image/jpeg"},
    {"gif", "image/gif"},
    {"bmp", "image/bmp"},
    {"ico", "image/vnd.microsoft.icon"},
    {"svg", "image/svg+xml"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"heic", "image/heic"},
    {"mp3", "audio/mpeg"},
    {"wav", "audio/x-wav"},
    {"flac", "audio/flac"},
    {"ogg", "audio/ogg"},
    {"opus", "audio/opus"},
    {"aac", "audio/aac"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"mov", "video/quicktime"},
    {"avi", "video/x-msvideo"},
    {"webm", "video/webm"},
    {"pdf", "application/pdf"},
    {"ps", "application/postscript"},
    {"eps", "application/postscript"},
    {"rtf", "application/rtf"},
    {"doc", "application/msword"},
    {"xls", "application/vnd.ms-excel"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"zip", "application/zip"},
    {"tar", "application/x-tar"},
    {"gz", "application/gzip"},
    {"tgz", "application/gzip"},
    {"bz2", "application/x-bzip2"},
    {"xz", "application/x-xz"},
    {"zst", "application/zstd"},
    {"7z", "application/x-7z-compressed"},
    {"wasm", "application/wasm"},
    {"h5", "application/x-hdf5"},
    {"hdf5", "application/x-hdf5"},
    {"hdf", "application/x-hdf"},
    {"nc", "application/x-netcdf"},
    {"cdf", "application/x-netcdf"},
    {"parquet", "application/vnd.apache.parquet"},
    {"arrow", "application/vnd.apache.arrow.file"},
    {"arrows", "application/vnd.apache.arrow.stream"},
    {"ipynb", "application/x-ipynb+json"},
    {"geojson", "application/geo+json"},
    {"jsonl", "application/jsonl"},
    {"ndjson", "application/x-ndjson"},
    {"sqlite", "application/vnd.sqlite3"},
    {"db", "application/vnd.sqlite3"},
    {"jar", "application/java-archive"},
    {"whl", "application/zip"},
    {"sh", "application/x-sh"},
    {"tex", "application/x-tex"},
    {"ttf", "font/ttf"},
    {"otf", "font/otf"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
};

const char *mill_mime_type(struct mill_view path)
{
    size_t slash = path.len;
    size_t dot;

    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    struct mill_view name = mill_view_from(path, slash);
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        if (mill_view_eq(name, mill_view_of(names[i].text)))
            return names[i].type;
    }
    dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    /* ".png" is a hidden file without an ending. */
    struct mill_view ending = dot > 1 ? mill_view_from(name, dot) : MILL_VIEW("");
    for (size_t i = 0; i < MILL_COUNT(endings); i++) {
        if (mill_view_eq_nocase(ending, mill_view_of(endings[i].text)))
            return endings[i].type;
    }
    return "application/octet-stream";
}
