// Line drawings of 16 by 16; currentColor. One path each.

const paths = {
    check: "M3 8.5l3.5 3.5L13 4.5",
    chevron: "M6 4l4 4-4 4",
    close: "M4 4l8 8M12 4l-8 8",
    bars: "M2.5 4h11M2.5 8h11M2.5 12h11",
    bookmark: "M4 2h8v12l-4-3-4 3z",
    chart: "M2.5 2v11.5H14M4.5 10l3-4 2.5 2.5L13.5 4",
    columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    download: "M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10",
    expand: "M9.5 2.5h4v4M13.5 2.5l-4.5 4.5M6.5 13.5h-4v-4M2.5 13.5L7 9",
    eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 100 4 2 2 0 000-4z",
    edit: "M3 13l.6-3L11 2.6 13.4 5 6 12.4z",
    eyeOff: "M2 2l12 12M6.2 3.8A7 7 0 018 3.5C12 3.5 14.5 8 14.5 8a12 12 0 01-2 2.6M4 5.2A11.5 11.5 0 001.5 8S4 12.5 8 12.5a7 7 0 002.7-.6",
    filter: "M2 3h12l-4.7 5.5v4.5l-2.6-1.5v-3z",
    group: "M2.5 3h11M5 6.5h8.5M5 10h8.5M2.5 13h11",
    keyboard: "M1.5 4h13v8.5h-13zM4 6.5h.1M6.7 6.5h.1M9.3 6.5h.1M12 6.5h.1M4.5 10h7",
    more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
    moon: "M13 9.5A5.5 5.5 0 016.5 3a5.5 5.5 0 106.5 6.5z",
    pin: "M6 2h4l-.5 4.5L12 9H4l2.5-2.5zM8 9v5",
    plus: "M8 3v10M3 8h10",
    search: "M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.3 10.3l3.7 3.7",
    sort: "M5 3v10M2.5 10.5L5 13l2.5-2.5M11 13V3M8.5 5.5L11 3l2.5 2.5",
    sun: "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
    trash: "M3 4h10M6 4V2.5h4V4M4.5 4l.5 9.5h6l.5-9.5",
    undo: "M5.5 3L2.5 6l3 3M2.5 6h7a4 4 0 010 8H6",
    warning: "M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.7v.3",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
    return (
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d={paths[name]} />
        </svg>
    );
}
