// Markup that others wrote, made harmless: Markdown (marked) and HTML through DOMPurify. Scripts,
// forms, styles, frames and pictures from elsewhere do not pass.

/** Where a picture that a text names by a relative path is; undefined: it is not shown. */
export type Picture = (src: string) => string | undefined;

type Purify = (typeof import("dompurify"))["default"];

let purifier: Promise<Purify> | undefined;
const purify = (): Promise<Purify> => (purifier ??= import("dompurify").then(m => m.default));

const forbidden = {
    tags: "style form input button textarea select option fieldset label dialog audio video source track map area picture marquee template slot".split(
        " ",
    ),
    attributes:
        "style class id name srcset background poster action tabindex role for usemap accesskey contenteditable draggable popover".split(
            " ",
        ),
};

/** HTML as elements without anything that runs, loads or looks like our own pages. */
export async function cleanHtml(html: string, picture?: Picture): Promise<DocumentFragment> {
    const Purify = await purify();
    const made = Purify.sanitize(hushed(html), {
        USE_PROFILES: { html: true },
        FORBID_TAGS: forbidden.tags,
        FORBID_ATTR: forbidden.attributes,
        ADD_FORBID_CONTENTS: ["xstyle"],
        ALLOW_DATA_ATTR: false,
        ALLOW_ARIA_ATTR: false,
        RETURN_DOM_FRAGMENT: true,
    });
    for (const link of made.querySelectorAll("a")) tameLink(link);
    for (const image of made.querySelectorAll("img")) tameImage(image, picture);
    return made;
}

/** Without styles and handlers as far as they are easily found. They would not pass anyway, but
 *  browsers complain of each while it is parsed, under our policy, for nothing. */
function hushed(html: string): string {
    return html
        .replace(/<(\/?)(style|base)\b/gi, "<$1x$2")
        .replace(/<[a-z][^<>]*>/gi, tag =>
            tag.replace(/([\s/"'])(on[a-z]+|style)(?=\s*=)/gi, "$1data-$2"),
        );
}

/** Markdown as elements. */
export async function cleanMarkdown(
    text: string,
    picture?: Picture,
): Promise<DocumentFragment> {
    const { marked } = await import("marked");
    return cleanHtml(await marked.parse(text, { gfm: true }), picture);
}

function tameLink(link: HTMLAnchorElement): void {
    if (!/^(https?:|mailto:)/i.test(link.getAttribute("href") ?? ""))
        link.removeAttribute("href");
    link.removeAttribute("download");
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
}

function tameImage(image: HTMLImageElement, picture: Picture | undefined): void {
    const src = image.getAttribute("src") ?? "";
    if (/^data:image\//i.test(src)) return;
    const found = /^($|[a-z][a-z0-9+.-]*:|\/|\\)/i.test(src) ? undefined : picture?.(src);
    if (found) image.src = found;
    else image.replaceWith(image.alt || src);
}
