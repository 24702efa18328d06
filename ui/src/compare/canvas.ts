// A canvas as large as its element, redrawn when that, the theme or what is drawn changes.
import { useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { colours } from "~/lib/theme";

export interface Size {
    width: number;
    height: number;
}

/** The size of an element, in pixels of the page. */
export function useSize(ref: RefObject<HTMLElement | null>): Size {
    const [size, setSize] = useState<Size>({ width: 0, height: 0 });
    // Before it is painted: what lies at places of the drawing is not to be seen, or pressed, elsewhere.
    useLayoutEffect(() => {
        const element = ref.current!;
        const measure = () =>
            setSize(old => {
                const { clientWidth: width, clientHeight: height } = element;
                return old.width === width && old.height === height ? old : { width, height };
            });
        measure();
        const seen = new ResizeObserver(measure);
        seen.observe(element);
        return () => seen.disconnect();
    }, []);
    return size;
}

/** Another size takes new memory, even if it is the same. */
function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
}

export type Draw = (ctx: CanvasRenderingContext2D, colour: (name: string) => string) => void;

/** Draws in pixels of the page. `deps` are all that `draw` reads but the size and the theme. */
export function useDrawing(
    ref: RefObject<HTMLCanvasElement | null>,
    { width, height }: Size,
    draw: Draw,
    deps: readonly unknown[],
): void {
    const paint = () => {
        const canvas = ref.current;
        const ctx = canvas?.getContext("2d");
        if (!canvas || !ctx || width === 0) return;
        const ratio = devicePixelRatio;
        fit(canvas, Math.round(width * ratio), Math.round(height * ratio));
        ctx.reset();
        ctx.scale(ratio, ratio);
        const style = getComputedStyle(canvas);
        draw(ctx, name => style.getPropertyValue(name));
    };
    const latest = useRef(paint);
    latest.current = paint;
    useLayoutEffect(paint, [width, height, ...deps]);
    useLayoutEffect(() => {
        const canvas = ref.current;
        return () => {
            if (canvas) canvas.width = 0; // gives its memory back at once
        };
    }, []);
    useSignalEffect(() => {
        if (colours.value > 0) latest.current();
    });
}
