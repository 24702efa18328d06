// Markup of others, before a parser sees it.

/** Without styles and handlers as far as they are easily found. They would not pass anyway, but
 *  browsers complain of each while it is parsed, under our policy, for nothing. Nor with templates,
 *  which parsers nest until they fall over. */
export function hushed(markup: string): string {
    return markup
        .replace(/<(\/?)(style|base|template)\b/gi, "<$1x$2")
        .replace(/<[a-z][^<>]*>/gi, tag =>
            tag.replace(/([\s/"'])(on[a-z]+|style)(?=\s*=)/gi, "$1data-$2"),
        );
}
