import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LinePicture, scattered, type Crossings } from "./parallel-lines";

// ---- A canvas that remembers how many lines were stroked, and frames that come when they are told

let strokes: { lines: number; alpha: number; style: string }[] = [];
let clears = 0;
let frames: (() => void)[] = [];

class FakePath {
    lines = 0;
    moveTo(): void {
        this.lines++;
    }
    lineTo(): void {}
}

const ctx = {
    canvas: { width: 10, height: 10 },
    globalAlpha: 1,
    strokeStyle: "",
    save() {},
    restore() {},
    resetTransform() {},
    clearRect: () => clears++,
    stroke(path: FakePath) {
        strokes.push({ lines: path.lines, alpha: this.globalAlpha, style: this.strokeStyle });
    },
};

beforeEach(() => {
    strokes = [];
    clears = 0;
    frames = [];
    Object.assign(globalThis, {
        Path2D: FakePath,
        requestAnimationFrame: (f: () => void) => frames.push(f),
        cancelAnimationFrame: () => (frames = []),
    });
});

function picture(runs: number): LinePicture {
    const y = [new Float32Array(runs), new Float32Array(runs)];
    const at: Crossings = { x: [0, 1], y, runs };
    return new LinePicture(ctx as unknown as CanvasRenderingContext2D, at, {
        colourOf: run => run % 2,
        colours: ["red", "blue"],
        alpha: count => (count > 5 ? 0.5 : 1),
    });
}

const some = (runs: number, ...ids: number[]) => {
    const wanted = new Uint8Array(runs);
    for (const id of ids) wanted[id] = 1;
    return wanted;
};
const stroked = () => strokes.reduce((n, s) => n + s.lines, 0);

test("lines that come are drawn over the others, a stroke for each colour", () => {
    const made = picture(10);
    made.show(some(10, 0, 2, 3));
    assert.deepEqual(strokes.map(s => [s.style, s.lines]).sort(), [
        ["blue", 1],
        ["red", 2],
    ]);
    made.show(some(10, 0, 2, 3, 4));
    assert.equal(stroked(), 4);
    assert.equal(clears, 0);
});

test("where lines go, or are so many that they fade, all are drawn anew", () => {
    const made = picture(10);
    made.show(some(10, 0, 2, 3));
    made.show(some(10, 2, 3));
    assert.equal(clears, 1);
    assert.equal(stroked(), 5);
    made.show(some(10, 1, 2, 3, 4, 5, 6));
    assert.equal(clears, 2);
    assert.equal(strokes.at(-1)!.alpha, 0.5);
});

test("many lines take several frames, until others are wanted", () => {
    const made = picture(2000);
    made.show(new Uint8Array(2000).fill(1));
    const first = stroked();
    assert.ok(first < 1000, `${first} in the first frame`);
    while (frames.length > 0) frames.shift()!();
    assert.equal(stroked(), 2000);
    made.show(some(2000, 7));
    assert.equal(stroked(), 2001);
    while (frames.length > 0) frames.shift()!();
    assert.equal(stroked(), 2001);
});

test("the order meets every run once", () => {
    for (const count of [0, 1, 2, 10, 618, 5000])
        assert.deepEqual(
            [...scattered(count)].sort((a, b) => a - b),
            [...Array(count).keys()],
        );
});
