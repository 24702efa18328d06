// Markup that others wrote, made harmless: Markdown (marked) and HTML through DOMPurify. Scripts,
// forms, styles, frames and pictures from elsewhere do not pass, and what would keep the page busy
// is refused.
import type { Marked } from "marked";
import { isDrawing, isQuick } from "./drawing";
import { hushed } from "./hushed";

/** Where a picture that a text names by a relative path is; undefined: it is not shown. */
export type Picture = (src: string) => string | undefined;

/** The text would take too long to draw. */
export class TooMuch extends Error {
    override readonly name = "TooMuch";
}

/** More elements, or deeper ones, are drawn by browsers in seconds instead of moments. */
const MAX_ELEMENTS = 20_000;
const MAX_DEPTH = 100;
/** Each that begins open is announced to all elements that it is in. */
const MAX_DETAILS = 500;
/** For a text that is slow to read in a way that nobody thought of. */
const PATIENCE_MS = 500;

let until = Infinity;

/** Called with each step of marked and DOMPurify. */
function goOn(): void {
    if (performance.now() > until) throw new TooMuch("The text takes too long to read.");
}

/** Does work that calls goOn() as long as there is patience. It ends before anything else begins. */
function withPatience<T>(work: () => T): T {
    until = performance.now() + PATIENCE_MS;
    try {
        return work();
    } finally {
        until = Infinity;
    }
}

type Purify = (typeof import("dompurify"))["default"];

let purifier: Promise<Purify> | undefined;
const purify = (): Promise<Purify> =>
    (purifier ??= import("dompurify").then(m => {
        m.default.addHook("uponSanitizeElement", goOn);
        m.default.addHook("uponSanitizeAttribute", goOn);
        return m.default;
    }));

let reader: Promise<Marked> | undefined;
const markdown = (): Promise<Marked> =>
    (reader ??= import("marked").then(m => {
        // These are tried first with each block and each piece of a line; false lets others try.
        const step = () => {
            goOn();
            return false as const;
        };
        return new m.Marked({ gfm: true, tokenizer: { space: step, escape: step } });
    }));

/** One text after another, with time for the page between them: a notebook has hundreds. */
let queue: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => T): Promise<T> {
    const done = queue.then(() => new Promise(next => setTimeout(next))).then(work);
    queue = done.catch(() => undefined);
    return done;
}

const forbidden = {
    tags: "style form input button textarea select option fieldset label dialog audio video source track map area picture marquee template slot".split(
        " ",
    ),
    attributes:
        "style class id name srcset background poster action tabindex role for usemap accesskey contenteditable draggable popover".split(
            " ",
        ),
};

/** HTML as elements without anything that runs, loads or looks like our own pages. Fails with
 *  TooMuch if it would keep the page from answering. */
export async function cleanHtml(html: string, picture?: Picture): Promise<DocumentFragment> {
    const Purify = await purify();
    return inTurn(() => cleaned(Purify, html, picture));
}

/** Markdown as elements; as cleanHtml. */
export async function cleanMarkdown(
    text: string,
    picture?: Picture,
): Promise<DocumentFragment> {
    const [marked, Purify] = await Promise.all([markdown(), purify()]);
    return inTurn(() => {
        const html = withPatience(() => marked.parse(text, { async: false }));
        return cleaned(Purify, html, picture);
    });
}

function cleaned(Purify: Purify, html: string, picture: Picture | undefined): DocumentFragment {
    const quiet = hushed(html);
    weigh(quiet);
    const made = withPatience(() =>
        Purify.sanitize(quiet, {
            USE_PROFILES: { html: true },
            FORBID_TAGS: forbidden.tags,
            FORBID_ATTR: forbidden.attributes,
            ADD_FORBID_CONTENTS: ["xstyle"],
            ALLOW_DATA_ATTR: false,
            ALLOW_ARIA_ATTR: false,
            RETURN_DOM_FRAGMENT: true,
        }),
    );
    for (const link of made.querySelectorAll("a")) tameLink(link);
    for (const image of made.querySelectorAll("img")) tameImage(image, picture);
    return made;
}

/** Characters that are parsed between two looks at the clock. */
const STEP = 250;

/** Refuses what takes too long to parse, and more than can be drawn at once. The document that is
 *  looked at is in no window: nothing in it runs or loads. */
function weigh(html: string): void {
    if ((html.match(/<details/gi)?.length ?? 0) > MAX_DETAILS)
        throw new TooMuch(`More than ${MAX_DETAILS} details are not drawn.`);
    const { body } = withPatience(() => parsed(html));
    if (body.getElementsByTagName("*").length > MAX_ELEMENTS)
        throw new TooMuch(
            `More than ${MAX_ELEMENTS.toLocaleString("en")} elements are not drawn.`,
        );
    if (depthOf(body) > MAX_DEPTH)
        throw new TooMuch(`Elements deeper than ${MAX_DEPTH} are not drawn.`);
}

function parsed(html: string): Document {
    const doc = document.implementation.createHTMLDocument();
    doc.open();
    doc.write("<body>");
    for (let at = 0; at < html.length; at += STEP) {
        goOn();
        doc.write(html.slice(at, at + STEP));
    }
    doc.close();
    return doc;
}

/** How many elements are within each other, at most. */
function depthOf(body: Node): number {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_ELEMENT);
    let depth = 0;
    let deepest = 0;
    do {
        while (walker.firstChild()) deepest = Math.max(deepest, ++depth);
        while (depth > 0 && !walker.nextSibling()) {
            walker.parentNode();
            depth--;
        }
    } while (depth > 0);
    return deepest;
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
    const found = /^data:image\//i.test(src)
        ? src
        : /^($|[a-z][a-z0-9+.-]*:|\/|\\)/i.test(src)
          ? undefined
          : picture?.(src);
    if (found === undefined) image.replaceWith(image.alt || src);
    else if (!isDrawing(found)) image.src = found;
    else {
        image.removeAttribute("src");
        void isQuick(found).then(quick => {
            if (quick) image.src = found;
            else image.replaceWith(image.alt || "a drawing that is too large to be shown here");
        });
    }
}
