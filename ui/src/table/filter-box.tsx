// The field in which runs are filtered: coloured words, what could come next, what was asked before,
// and a mark where something is wrong.
import { useId, useRef, useState } from "preact/hooks";
import { filter, nameRegex } from "~/lib/runs";
import { Icon } from "~/parts/icons";
import { Button } from "~/parts/parts";
import { complete, looksLikeName, type Completion } from "./completion";
import { applyFilter, draft, filterField, history, write } from "./filter-state";
import { read, serverPlace, type Reading } from "./language";
import { foundColumns, problem, sentFilter } from "./store";

/** Why the server refuses the filter that was asked for, and where, in what is typed. */
function refusal(typed: string): { at: number; text: string } | undefined {
    const message = problem.value?.message ?? "";
    const place = typed.trim() === filter.value ? serverPlace(message) : undefined;
    if (!place) return undefined;
    // What the table adds for nested runs stands behind it, and parentheses around.
    const at = place.at - sentFilter().indexOf(filter.value);
    return at < filter.value.length
        ? { at, text: place.text }
        : { at: filter.value.length, text: "something is missing at the end" };
}

type Option = Completion["options"][number] & { whole?: boolean; search?: boolean };

function optionsAt(cursor: number): { from: number; to: number; options: Option[] } {
    const typed = draft.value;
    if (typed.trim() === "") {
        const past = history().map(h => ({
            label: h,
            insert: h,
            detail: "before",
            whole: true,
        }));
        const fresh = complete("", 0, foundColumns.value);
        return { from: 0, to: typed.length, options: [...past, ...fresh.options] };
    }
    const found: { from: number; to: number; options: Option[] } = complete(
        typed,
        cursor,
        foundColumns.value,
    );
    if (looksLikeName(typed))
        found.options = [
            ...found.options,
            {
                label: `Names with “${typed.trim()}”`,
                insert: "",
                detail: "search",
                search: true,
            },
        ];
    return found;
}

export function FilterBox() {
    const [cursor, setCursor] = useState<number>(); // undefined: nothing is offered
    const [chosen, setChosen] = useState(-1);
    const paint = useRef<HTMLDivElement>(null);
    const id = useId();
    const typed = draft.value;
    const reading = read(typed);
    const refused = refusal(typed);
    const error = refused
        ? { from: refused.at, to: wordEnd(reading, refused.at), message: refused.text }
        : reading.error;
    const offered = cursor === undefined ? undefined : optionsAt(cursor);
    const options = offered?.options ?? [];
    const late = typed.trim() !== filter.value;

    const close = () => {
        setCursor(undefined);
        setChosen(-1);
    };
    const follow = (field: HTMLInputElement) => {
        setCursor(field.selectionStart ?? field.value.length);
        setChosen(-1);
        if (paint.current) paint.current.scrollLeft = field.scrollLeft;
    };
    const choose = (option: Option) => {
        if (option.search) {
            draft.value = "";
            applyFilter();
            nameRegex.set(typed.trim());
            return close();
        }
        const { from, to } = offered!;
        const end = option.whole ? option.insert.length : from + option.insert.length;
        write(
            option.whole
                ? option.insert
                : typed.slice(0, from) + option.insert + typed.slice(to).trimStart(),
            end,
        );
        setCursor(option.whole ? undefined : end);
        setChosen(-1);
        if (option.whole) applyFilter();
    };
    const keys = (e: KeyboardEvent) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
        if (step && offered && options.length > 0) {
            const next = chosen + step;
            setChosen(next >= options.length ? -1 : next < -1 ? options.length - 1 : next);
        } else if (step) follow(filterField.value!);
        else if (e.key === "Enter" || (e.key === "Tab" && chosen >= 0)) {
            const option = options[chosen];
            if (option) choose(option);
            else {
                applyFilter();
                close();
            }
        } else if (e.key === "Escape") {
            if (cursor !== undefined) close();
            else draft.value = filter.value;
        } else return;
        e.preventDefault();
        e.stopPropagation();
    };
    return (
        <div class="filter-box">
            <div class={`filter-field${error && !late ? " wrong" : ""}`}>
                <Icon name="filter" />
                <div class="filter-text">
                    <div class="paint" ref={paint} aria-hidden="true">
                        <Painted text={typed} reading={reading} error={error} />
                    </div>
                    <input
                        ref={field => void (filterField.value = field)}
                        type="text"
                        role="combobox"
                        aria-label="Filter runs"
                        aria-autocomplete="list"
                        aria-expanded={options.length > 0}
                        aria-controls={`${id}-list`}
                        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
                        aria-invalid={error !== undefined}
                        aria-describedby={`${id}-error`}
                        placeholder="metrics.loss < 0.5 AND params.optimizer = 'adam'"
                        spellcheck={false}
                        autocomplete="off"
                        value={typed}
                        onInput={e => {
                            draft.value = e.currentTarget.value;
                            follow(e.currentTarget);
                        }}
                        onFocus={e => follow(e.currentTarget)}
                        onClick={e => follow(e.currentTarget)}
                        onKeyUp={e =>
                            /^(Arrow(Left|Right)|Home|End)$/.test(e.key) &&
                            follow(e.currentTarget)
                        }
                        onScroll={e =>
                            paint.current &&
                            (paint.current.scrollLeft = e.currentTarget.scrollLeft)
                        }
                        onBlur={close}
                        onKeyDown={keys}
                    />
                </div>
                {late && <kbd title="Enter applies the filter">Enter ↵</kbd>}
                {typed !== "" && (
                    <Button
                        bare
                        small
                        icon="close"
                        label="Clear the filter"
                        onClick={() => {
                            draft.value = "";
                            applyFilter();
                        }}
                    />
                )}
            </div>
            <p class="hint bad" id={`${id}-error`} role="status">
                {error &&
                    cursor === undefined &&
                    `Character ${error.from + 1}: ${error.message}`}
            </p>
            <ul
                class="choices filter-options"
                role="listbox"
                aria-label="What could come next"
                id={`${id}-list`}
                hidden={options.length === 0}
            >
                {options.map((o, i) => (
                    <li
                        key={o.label}
                        id={`${id}-${i}`}
                        role="option"
                        aria-selected={i === chosen}
                        ref={li =>
                            void (i === chosen && li?.scrollIntoView({ block: "nearest" }))
                        }
                        onMouseDown={e => e.preventDefault()}
                        onClick={() => choose(o)}
                    >
                        <code>{o.label}</code>
                        <span class="group">{o.detail}</span>
                    </li>
                ))}
            </ul>
        </div>
    );
}

const wordEnd = (reading: Reading, at: number): number =>
    reading.tokens.find(t => t.from <= at && at < t.to)?.to ?? at + 1;

/** The text again, coloured, behind the field's own transparent one. */
function Painted({
    text,
    reading,
    error,
}: {
    text: string;
    reading: Reading;
    error: Reading["error"];
}) {
    const spans = [];
    let at = 0;
    for (const token of reading.tokens) {
        spans.push(text.slice(at, token.from));
        const wrong = error && token.from < error.to && error.from < token.to;
        spans.push(
            <span key={token.from} class={wrong ? `${token.role} wrong` : token.role}>
                {token.text}
            </span>,
        );
        at = token.to;
    }
    spans.push(text.slice(at));
    if (error && error.from >= text.trimEnd().length)
        spans.push(<span class="wrong">&nbsp;&nbsp;</span>);
    return <>{spans}</>;
}
