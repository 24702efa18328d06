/* aws_profile.c - profiles in Amazon's files. The first byte chooses file and profile. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "files/aws_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_aws_profile profile;

    if (size == 0)
        return 0;
    struct mill_view text = {(const char *)data + 1, size - 1};
    enum mill_aws_file file = data[0] & 1 ? MILL_AWS_CONFIG_FILE : MILL_AWS_CREDENTIALS_FILE;
    struct mill_view name = data[0] & 2 ? MILL_VIEW("dev") : MILL_VIEW("default");

    if (mill_aws_profile_read(text, file, name, &profile, NULL) == MILL_OK) {
        assert(profile.found || profile.access_key.ptr == NULL);
        assert(profile.access_key.ptr == NULL || profile.access_key.len > 0);
        assert(profile.region.len <= text.len);
    }
    return 0;
}
