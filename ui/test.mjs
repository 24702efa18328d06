// Runs the unit tests: each src/**/*.test.ts is bundled, then given to node's test runner.
// Usage: node test.mjs [PART OF A PATH ...]
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const tests = readdirSync(join(here, "src"), { recursive: true })
    .map(String)
    .filter(
        f =>
            /\.test\.tsx?$/.test(f) && (wanted.length === 0 || wanted.some(w => f.includes(w))),
    )
    .map(f => join(here, "src", f));
if (tests.length === 0) {
    console.error("no such test");
    process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), "millstream-ui-"));
try {
    const { metafile } = await build({
        absWorkingDir: here,
        entryPoints: tests,
        outdir: dir,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        metafile: true,
        platform: "node",
        format: "esm",
        sourcemap: "inline",
        jsx: "automatic",
        jsxImportSource: "preact",
        alias: { "~": join(here, "src") },
        loader: { ".css": "empty", ".svg": "text" },
        logLevel: "warning",
    });
    const files = Object.keys(metafile.outputs).map(f => join(here, f));
    const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
        stdio: "inherit",
    });
    process.exitCode = run.status ?? 1;
} finally {
    rmSync(dir, { recursive: true, force: true });
}
