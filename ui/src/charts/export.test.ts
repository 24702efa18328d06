import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv, toSvg } from "./export";
import type { Line } from "./lines";

test("a CSV has every bucket, and NaN where it was", () => {
    const series = [
        {
            run_id: "a",
            points: 3,
            x: [1, 5],
            last: [0.5, 2],
            min: [0, 2],
            count: [2, 1],
            nan: [3],
        },
        { run_id: "b", points: 1, x: [1], last: [7] },
    ];
    const names = new Map([
        ["a", '=1+"1"'],
        ["b", "calm, fox"],
    ]);
    assert.deepEqual(
        toCsv({ key: "loss", generation: 1, series }, names, "step").split("\r\n"),
        [
            "run_id,run_name,step,last,first,min,max,count",
            `a,"'=1+""1""",1,0.5,0.5,0,0.5,2`,
            `a,"'=1+""1""",3,NaN,,,,`,
            `a,"'=1+""1""",5,2,2,2,2,1`,
            'b,"calm, fox",1,7,7,7,7,1',
            "",
        ],
    );
});

test("an SVG draws spikes, marks and names, and no markup of theirs", () => {
    const line: Line = {
        id: "a",
        name: "<script>alert(1)</script>\u0001",
        colour: "#123456",
        dash: [6, 3],
        x: [0, 1, 2],
        y: [1, 1, 1],
        low: [1, 1, 1],
        high: [1, 9, 1],
        nan: [2],
        inf: [],
        negInf: [],
        points: 30,
    };
    const svg = toSvg({
        lines: [line],
        seen: { start: 0, end: 2 },
        xScale: "number",
        yLog: false,
        clip: false,
        moving: false,
        xLabel: "step",
        title: "a & b",
        width: 400,
        height: 300,
        low: 0,
        high: 10,
        ink: "#000",
        paper: "#fff",
    });
    assert.ok(svg.includes("a &amp; b"));
    assert.ok(svg.includes("&lt;script&gt;alert(1)&lt;/script&gt;<"));
    assert.ok(svg.includes('stroke-dasharray="6 3"'));
    // The spike goes from the value 1 to the value 9 in the middle.
    assert.match(svg, /M224 237\.2L224 54\.8/);
    assert.equal(svg.match(/<path/g)!.length, svg.match(/<path [^>]*\/>/g)!.length);
});
