// Builds the pages into dist/: index.html, and below static/ files whose names change with their
// content. Usage: node build.mjs [--watch]   Fails when the files grow beyond their budget.
import { build, context } from "esbuild";
import { gzipSync } from "node:zlib";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.MILL_UI_DIST ?? join(here, "dist");

/** Gzipped bytes that a browser may have to fetch. */
const budget = { first: 120_000, all: 350_000, chunk: 60_000 };

const options = {
    absWorkingDir: here,
    entryPoints: { first: "src/first.ts", main: "src/main.tsx" },
    outdir: join(out, "static"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: false,
    metafile: true,
    legalComments: "linked",
    jsx: "automatic",
    jsxImportSource: "preact",
    alias: { "~": join(here, "src") },
    loader: { ".svg": "text" },
    logLevel: "warning",
    plugins: [
        { name: "whole", setup: keepWhole },
        { name: "workers", setup: findWorkers },
        { name: "page", setup: b => b.onEnd(result => finish(result)) },
    ],
};

/** Makes what is fetched later import all that is loaded first, which is there by then. Otherwise that
 *  would be cut along what each of them uses: into a dozen files, most of them tiny. */
function keepWhole(b) {
    const later = new Set();
    b.onResolve({ filter: /^[.~]/ }, async ({ kind, path, importer, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const found = await b.resolve(path, { kind: "import-statement", importer, resolveDir });
        later.add(found.path);
        return found;
    });
    b.onLoad({ filter: /[.]tsx?$/ }, ({ path }) => {
        if (!later.has(path)) return undefined;
        const contents = `${readFileSync(path, "utf8")}\nimport "~/main";\n`;
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
    });
}

/** import address from "./x?worker" gives the address, relative to that of the importing file, of a
 *  file with all that x.ts needs: for `new Worker`. */
function findWorkers(b) {
    b.onResolve({ filter: /\?worker$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace(/\?worker$/, ".js")),
        namespace: "worker",
    }));
    b.onLoad({ filter: /\.js$/, namespace: "worker" }, async ({ path }) => {
        const { absWorkingDir, bundle, format, target, minify, alias } = options;
        const { outputFiles, metafile } = await build({
            ...{ absWorkingDir, bundle, format, target, minify, alias },
            entryPoints: [path.replace(/\.js$/, ".ts")],
            write: false,
            metafile: true,
            legalComments: "eof",
        });
        const watchFiles = Object.keys(metafile.inputs).map(f => join(here, f));
        return { contents: outputFiles[0].contents, loader: "file", watchFiles };
    });
}

function finish(result) {
    if (result.errors.length > 0) return;
    const outputs = result.metafile.outputs;
    const made = source => Object.keys(outputs).find(f => outputs[f].entryPoint === source);
    const first = made("src/first.ts");
    const main = made("src/main.tsx");
    const style = outputs[main].cssBundle;
    dropStyles(outputs, style);
    const place = file => relative(out, join(here, file)).replaceAll("\\", "/");
    const page = readFileSync(join(here, "src/index.html"), "utf8")
        .replace("{{first}}", place(first))
        .replace("{{script}}", place(main))
        .replace("{{style}}", place(style))
        .replace("{{preload}}", preload(outputs, [first, main], place));
    writeFileSync(join(out, "index.html"), page);
    weigh(outputs, [first, main, style]);
}

/** The style of the first load holds all; those made for parts of it nobody asks for. */
function dropStyles(outputs, kept) {
    for (const file of Object.keys(outputs)) {
        if (!file.endsWith(".css") || file === kept) continue;
        rmSync(join(here, file));
        delete outputs[file];
    }
}

/** The scripts that the entries import, asked for with them instead of after them. */
function preload(outputs, entries, place) {
    const scripts = [...closure(outputs, entries)].filter(
        f => !entries.includes(f) && f.endsWith(".js"),
    );
    return scripts.map(f => `<link rel="modulepreload" href="${place(f)}" />`).join("");
}

/** What is loaded at once: the entries and all that they import statically. */
function closure(outputs, roots) {
    const seen = new Set(roots);
    for (const file of seen)
        for (const i of outputs[file].imports)
            if (i.kind === "import-statement") seen.add(i.path);
    return seen;
}

function weigh(outputs, roots) {
    const first = closure(outputs, roots);
    const sum = { first: 0, all: 0 };
    const failures = [];
    for (const file of Object.keys(outputs)) {
        if (file.endsWith(".LEGAL.txt")) continue;
        const size = gzipSync(readFileSync(join(here, file)), { level: 9 }).length;
        sum.all += size;
        if (first.has(file)) sum.first += size;
        if (size > budget.chunk) failures.push(`${file}: ${size} bytes > ${budget.chunk}`);
    }
    for (const what of ["first", "all"])
        if (sum[what] > budget[what])
            failures.push(`${what} load: ${sum[what]} bytes > ${budget[what]}`);
    console.log(`ui: first load ${sum.first} bytes gzipped, everything ${sum.all}`);
    if (failures.length > 0) {
        console.error(failures.map(f => `ui: over budget: ${f}`).join("\n"));
        process.exitCode = 1;
    }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "static"), { recursive: true });
if (process.argv.includes("--watch")) await (await context(options)).watch();
else await build(options);
