import assert from "node:assert/strict";
import { test } from "node:test";
import { commitLink, datasetSchema } from "./facts";
import { snippets } from "./snippets";
import { doing } from "./state";

const beat = (value: string) => [{ key: "mlflow.millstream.heartbeat", value }];

test("a run that is silent for over three intervals has crashed", () => {
    const running = { status: "RUNNING" as const };
    assert.deepEqual(doing(running, beat("1000000 30"), 1_090_000), {
        state: "RUNNING",
        seen: 1_000_000,
    });
    assert.equal(doing(running, beat("1000000 30"), 1_090_001).state, "CRASHED");
    assert.deepEqual(doing(running, [], 1e12), { state: "RUNNING" });
    assert.deepEqual(doing(running, beat("soon"), 1e12), { state: "RUNNING" });
    assert.equal(doing({ status: "FINISHED" }, beat("1 1"), 1e12).state, "FINISHED");
});

test("a commit links to where its repository is on the web", () => {
    const link = "https://github.com/a/b/commit/1f2e";
    assert.equal(commitLink("git@github.com:a/b.git", "1f2e"), link);
    assert.equal(commitLink("https://github.com/a/b", "1f2e"), link);
    assert.equal(
        commitLink("https://me:secret@gitlab.com/a/b.git", "1f2e"),
        "https://gitlab.com/a/b/-/commit/1f2e",
    );
    assert.equal(commitLink("javascript:alert(1)", "1f2e"), undefined);
    assert.equal(commitLink("/home/me/repo", "1f2e"), undefined);
    assert.equal(commitLink("https://github.com/a/b", "../x"), undefined);
});

test("schemas of datasets are fields, whatever kind they are", () => {
    const columns = '{"mlflow_colspec": [{"type": "long", "name": "x", "required": true}]}';
    assert.deepEqual(
        datasetSchema(columns).map(f => [f.name, f.type]),
        [["x", "long"]],
    );
    const tensors =
        '{"mlflow_tensorspec": {"features": "[{\\"type\\": \\"tensor\\", \\"tensor-spec\\": {\\"dtype\\": \\"float64\\", \\"shape\\": [-1, 4]}}]", "targets": null}}';
    assert.deepEqual(
        datasetSchema(tensors).map(f => [f.name, f.type]),
        [["features", "float64 (-1, 4)"]],
    );
    assert.deepEqual(datasetSchema("nonsense"), []);
});

test("snippets name the server and keep a hostile metric's name a text", () => {
    const made = snippets("http://h:5000/p", "abc", 'lo"ss\n\u001b');
    assert.match(made.python!.code, /set_tracking_uri\("http:\/\/h:5000\/p"\)/);
    assert.match(made.python!.code, /"lo\\"ss\\n\\u001b"/);
    assert.match(
        made.curl!.code,
        /'http:\/\/h:5000\/p\/api\/2.0\/mlflow\/runs\/get\?run_id=abc'/,
    );
});
