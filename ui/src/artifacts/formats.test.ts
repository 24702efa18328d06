import { zipSync, strToU8 } from "fflate";
import assert from "node:assert/strict";
import { test } from "node:test";
import { isText, kindOfBytes, kindOfName, languageOf } from "./kinds";
import { parseNotebook, plain } from "./notebook";
import { dtypeName, npyHeader, npyValues } from "./npy";
import { filesOfUri, quoted } from "./source";
import { readEntry, readZip } from "./zip";

function npy(descr: string, shape: string, values: Uint8Array, version = 1): Uint8Array {
    const header = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;
    const start = version === 1 ? 10 : 12;
    const bytes = new Uint8Array(start + header.length + values.length);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
    const view = new DataView(bytes.buffer);
    if (version === 1) view.setUint16(8, header.length, true);
    else view.setUint32(8, header.length, true);
    bytes.set(strToU8(header), start);
    bytes.set(values, start + header.length);
    return bytes;
}

test("npy gives shape, dtype and values", () => {
    const file = npy(
        "'<f4'",
        "(2, 2)",
        new Uint8Array(new Float32Array([0.1, -2, 3, NaN]).buffer),
    );
    const header = npyHeader(file);
    assert.deepEqual(header.shape, [2, 2]);
    assert.equal(dtypeName(header.descr), "float32");
    assert.deepEqual(npyValues(file, header, 10), ["0.1", "-2", "3", "NaN"]);
    assert.deepEqual(npyValues(file, header, 1), ["0.1"]);
});

test("npy of version 2, scalars, texts, complex and wide numbers", () => {
    const scalar = npy("'<i8'", "()", new Uint8Array(new BigInt64Array([2n ** 60n]).buffer), 2);
    assert.deepEqual(npyValues(scalar, npyHeader(scalar), 5), ["1152921504606846976"]);
    const texts = npy("'<U2'", "(2,)", new Uint8Array(new Uint32Array([97, 0, 98, 99]).buffer));
    assert.deepEqual(npyValues(texts, npyHeader(texts), 5), ["a", "bc"]);
    const complex = npy("'<c8'", "(1,)", new Uint8Array(new Float32Array([1, -2]).buffer));
    assert.deepEqual(npyValues(complex, npyHeader(complex), 5), ["1-2j"]);
    const halves = npy("'<f2'", "(3,)", new Uint8Array([0, 0x3c, 0, 0xfc, 1, 0]));
    assert.deepEqual(npyValues(halves, npyHeader(halves), 5), ["1", "-Infinity", "5.96e-8"]);
});

test("npy with fields has no values here; a broken one says so", () => {
    const fields = npy("[('a', '<i4'), ('b', '<f8')]", "(3,)", new Uint8Array(36));
    assert.deepEqual(npyValues(fields, npyHeader(fields), 5), []);
    assert.throws(() => npyHeader(new Uint8Array(20)), /no file of NumPy/);
    assert.throws(() => npyHeader(fields.subarray(0, 30)), /ends within/);
});

const reader = (bytes: Uint8Array) => async (from: number, to: number) =>
    bytes.subarray(Math.max(0, from), Math.min(to, bytes.length));

test("a zip file lists and unpacks its entries", async () => {
    const long = "a long line\n".repeat(10_000);
    const bytes = zipSync({ "a.txt": strToU8("small"), dir: { "b.txt": strToU8(long) } });
    const { entries, total } = await readZip(reader(bytes), bytes.length);
    assert.equal(total, entries.length);
    assert.deepEqual(
        entries.filter(e => !e.isDir).map(e => e.name),
        ["a.txt", "dir/b.txt"],
    );
    const b = entries.find(e => e.name === "dir/b.txt")!;
    assert.equal(b.size, long.length);
    const begin = await readEntry(reader(bytes), b, 24);
    assert.equal(new TextDecoder().decode(begin), "a long line\na long line\n");
});

test("what is no zip file, or a cut one, is refused", async () => {
    const bytes = zipSync({ "a.txt": strToU8("small") });
    await assert.rejects(readZip(reader(bytes.subarray(0, 20)), 20), /no zip archive/);
    const broken = bytes.slice();
    new DataView(broken.buffer).setUint32(broken.length - 6, 0xfffff0, true);
    await assert.rejects(readZip(reader(broken), broken.length), /outside/);
});

test("a zip bomb is unpacked only as far as was asked", async () => {
    const bytes = zipSync({ zeros: new Uint8Array(50_000_000) });
    const { entries } = await readZip(reader(bytes), bytes.length);
    assert.equal((await readEntry(reader(bytes), entries[0]!, 1000)).length, 1000);
});

test("a notebook becomes cells with the best form of each output", () => {
    const found = parseNotebook(
        JSON.stringify({
            metadata: { language_info: { name: "python" } },
            cells: [
                { cell_type: "markdown", source: ["# Title\n", "text"] },
                {
                    cell_type: "code",
                    execution_count: 3,
                    source: "x",
                    outputs: [
                        {
                            output_type: "stream",
                            name: "stderr",
                            text: ["\u001b[31mred\u001b[0m"],
                        },
                        {
                            output_type: "execute_result",
                            data: { "text/plain": "7", "text/html": ["<b>7</b>"] },
                        },
                        { output_type: "display_data", data: { "image/png": "aGk=\n" } },
                        { output_type: "display_data", data: { "image/png": '"><script>' } },
                        { output_type: "error", traceback: ["a", "b"] },
                    ],
                },
            ],
        }),
    );
    assert.equal(found.cells[0]!.source, "# Title\ntext");
    assert.equal(found.cells[1]!.count, 3);
    assert.deepEqual(found.cells[1]!.outputs, [
        { kind: "text", text: "red", error: true },
        { kind: "html", text: "<b>7</b>" },
        { kind: "image", type: "image/png", data: "aGk=" },
        { kind: "text", text: "a\nb", error: true },
    ]);
    assert.throws(() => parseNotebook("{"), /no valid JSON/);
    assert.deepEqual(parseNotebook("[1]").cells, []);
});

test("progress bars show their last state", () => {
    assert.equal(plain("10%\r20%\rdone\nnext"), "done\nnext");
});

test("kinds come from names, then from bytes", () => {
    assert.equal(kindOfName("a/b.PNG"), "image");
    assert.equal(kindOfName("model/MLmodel"), "mlmodel");
    assert.equal(kindOfName("plain"), undefined);
    assert.equal(kindOfName("constructor"), undefined);
    assert.equal(kindOfBytes(strToU8("hello")), "text");
    assert.equal(kindOfBytes(new Uint8Array([0, 1, 2])), "hex");
    assert.ok(isText(strToU8("ü").subarray(0, 1)), "a cut character is no binary");
    assert.equal(languageOf("x.yml"), "yaml");
});

test("URIs of the registry lead to files", () => {
    assert.equal(filesOfUri("runs:/abc/model")?.key, "run:abc:model");
    assert.equal(filesOfUri("models:/m-1f/x")?.key, "model:m-1f:x");
    assert.equal(filesOfUri("mlflow-artifacts:/1/abc/artifacts")?.key, "store:1/abc/artifacts");
    assert.equal(filesOfUri("mlflow-artifacts://host:5000/1/a")?.key, "store:1/a");
    assert.equal(filesOfUri("models:/name/1"), undefined);
    assert.equal(filesOfUri("s3://bucket/x"), undefined);
});

test("a path with a quote is one word of the shell", () => {
    assert.equal(quoted("a/b.txt"), "a/b.txt");
    assert.equal(quoted("it's"), `'it'\\''s'`);
});
