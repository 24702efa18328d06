import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "~/lib/types";
import { conditionOf } from "./data";
import { fieldsOf, metricRows, rowsOf } from "./difference";
import { promptOf, variables } from "./prompt-text";
import { lines, words } from "./words";

test("changed lines are compared word by word", () => {
    const found = lines(
        "Hello {{name}}, how are you?\nBe brief.",
        "Hello {{name}}, how do you do?\nBe brief.\nBe kind.",
    );
    assert.deepEqual(
        found.map(l => [l.kind, l.pieces.map(p => p.text).join("")]),
        [
            ["gone", "Hello {{name}}, how are you?"],
            ["new", "Hello {{name}}, how do you do?"],
            ["same", "Be brief."],
            ["new", "Be kind."],
        ],
    );
    assert.deepEqual(
        found[0]!.pieces.filter(p => p.changed).map(p => p.text),
        ["are"],
    );
    assert.equal(found[3]!.pieces[0]!.changed, true);
});

test("words keep their spaces and what is equal", () => {
    const { before, after } = words("a  b c", "a  x c");
    assert.equal(before.map(p => p.text).join(""), "a  b c");
    assert.equal(after.map(p => p.text).join(""), "a  x c");
    assert.deepEqual(
        after.filter(p => p.changed).map(p => p.text),
        ["x"],
    );
});

test("rows that differ come first", () => {
    const rows = rowsOf([
        new Map([
            ["same", "1"],
            ["other", "1"],
        ]),
        new Map([
            ["same", "1"],
            ["other", "2"],
            ["added", "3"],
        ]),
    ]);
    assert.deepEqual(
        rows.map(r => [r.name, r.differs]),
        [
            ["added", true],
            ["other", true],
            ["same", false],
        ],
    );
});

test("metrics say how they changed; what is no number does not", () => {
    const run = (loss: number | "NaN") =>
        ({ data: { metrics: [{ key: "loss", value: loss, timestamp: 0, step: 0 }] } }) as Run;
    assert.deepEqual(metricRows(run(0.5), run(0.25))[0]!.change, { by: -0.25, percent: -50 });
    assert.equal(metricRows(run(0.5), run("NaN"))[0]!.change, undefined);
});

test("fields of a signature are named by their part", () => {
    const x = { name: "x", type: "double", required: false };
    assert.deepEqual(
        [...fieldsOf({ inputs: [x], outputs: [], params: [] })],
        [["input x", "double, optional"]],
    );
});

test("prompts are texts or messages, and name their variables", () => {
    const chat = promptOf([
        {
            key: "mlflow.prompt.text",
            value: '[{"role": "system", "content": "Be {{ mood }}."}, {"role": "user", "content": "{{x}}"}]',
        },
        { key: "_mlflow_prompt_type", value: "chat" },
    ]);
    assert.equal(chat, "system:\nBe {{ mood }}.\n\nuser:\n{{x}}");
    assert.deepEqual(variables(chat), ["mood", "x"]);
    assert.equal(promptOf([{ key: "mlflow.prompt.text", value: "[not chat" }]), "[not chat");
    assert.equal(promptOf([]), "");
});

test("what is typed is a filter, or a part of a name", () => {
    assert.equal(conditionOf(" it's "), "name ILIKE '%it_s%'");
    assert.equal(conditionOf("tags.owner = 'ada'"), "(tags.owner = 'ada')");
    assert.equal(conditionOf("NOT name LIKE 'a%'"), "(NOT name LIKE 'a%')");
    assert.equal(conditionOf("tagsoup"), "name ILIKE '%tagsoup%'");
    assert.equal(conditionOf(" "), undefined);
});
