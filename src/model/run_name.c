/* run_name.c - the words that generated run names are made of. */
#include "model/run_name.h"

#include <stdint.h>

#include "base/clock.h"

/* At most seven letters each: with two dashes and a number up to 1000 that makes 20. */
static const char *const adjectives[] = {
    /* clang-format off */
    "able", "amber", "ample", "apt", "ashen", "autumn", "balmy", "bold", "brave", "breezy",
    "bright", "brisk", "broad", "calm", "candid", "capable", "casual", "chief", "civil",
    "classy", "clean", "clear", "clever", "cool", "copper", "coral", "cosmic", "crisp",
    "curious", "dainty", "dapper", "daring", "deep", "deft", "dreamy", "dusty", "eager",
    "early", "earnest", "easy", "elegant", "fair", "famous", "fancy", "fleet", "fond", "fresh",
    "frosty", "gentle", "gifted", "glad", "golden", "grand", "great", "hardy", "hazel",
    "honest", "humble", "icy", "ideal", "ivory", "jolly", "jovial", "keen", "kind", "likable",
    "lively", "loyal", "lucid", "lucky", "lunar", "mellow", "merry", "mighty", "mild", "misty",
    "modest", "mossy", "neat", "nimble", "noble", "olive", "open", "orderly", "patient",
    "placid", "playful", "pleased", "polite", "proud", "quaint", "quick", "quiet", "rapid",
    "rare", "ready", "regal", "robust", "rosy", "royal", "rustic", "sandy", "serene", "shiny",
    "silent", "silver", "simple", "sincere", "smart", "smooth", "snowy", "sober", "solar",
    "solid", "sparkly", "spring", "stately", "steady", "still", "stormy", "strong", "sunny",
    "swift", "tidy", "trusty", "upbeat", "useful", "valiant", "velvet", "vivid", "warm",
    "whole", "willing", "windy", "wise", "witty", "young", "zany", "zesty",
    /* clang-format on */
};

static const char *const nouns[] = {
    /* clang-format off */
    "acorn", "alder", "anchor", "ant", "arrow", "aspen", "aurora", "badger", "bagel", "bamboo",
    "basil", "bay", "beacon", "bear", "beaver", "birch", "bison", "bobcat", "brook", "canal",
    "canyon", "cedar", "cherry", "cicada", "cliff", "cloud", "clover", "comet", "condor",
    "coral", "cove", "crane", "creek", "cricket", "crow", "cypress", "dahlia", "dawn", "deer",
    "delta", "dingo", "dolphin", "dove", "dragon", "dune", "eagle", "ebony", "egret", "elk",
    "elm", "ember", "falcon", "fern", "ferret", "finch", "fir", "fjord", "flax", "flint", "fox",
    "garnet", "gecko", "geyser", "ginger", "glacier", "goose", "gorge", "grove", "gull",
    "harbor", "hare", "hawk", "hazel", "heron", "hill", "hornet", "ibex", "ibis", "iris",
    "island", "ivy", "jackal", "jaguar", "jasper", "jay", "juniper", "kelp", "kestrel", "kite",
    "koala", "lagoon", "lake", "larch", "lark", "laurel", "lemur", "lichen", "lily", "linden",
    "lion", "lotus", "lynx", "mantis", "maple", "marten", "meadow", "mink", "mole", "moose",
    "moss", "moth", "myrtle", "nectar", "newt", "oak", "oasis", "ocean", "olive", "orbit",
    "orchid", "oriole", "osprey", "otter", "owl", "oyster", "panda", "parrot", "pebble",
    "pelican", "pine", "plover", "plum", "pond", "poplar", "prairie", "quail", "quartz",
    "rabbit", "raven", "reef", "ridge", "river", "robin", "rook", "rose", "sable", "salmon",
    "seal", "shark", "shore", "skylark", "sloth", "snail", "spruce", "squid", "stag", "stork",
    "storm", "stream", "sun", "swan", "tapir", "teal", "thicket", "thistle", "thrush", "tiger",
    "toad", "topaz", "trout", "tulip", "tundra", "turtle", "valley", "violet", "vole", "walnut",
    "walrus", "wave", "weasel", "whale", "willow", "wolf", "wombat", "wren", "yak", "yew",
    "zebra",
    /* clang-format on */
};

struct mill_view mill_run_name_generate(struct mill_arena *arena)
{
    uint32_t random[3];
    mill_random_bytes(random, sizeof(random));
    return mill_arena_printf(arena, "%s-%s-%u", adjectives[random[0] % MILL_COUNT(adjectives)],
                             nouns[random[1] % MILL_COUNT(nouns)],
                             (unsigned)(random[2] % 1001));
}
