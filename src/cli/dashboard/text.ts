// Lines of the dashboard: spans of text, each with a tone, measured in cells of the terminal.
//
// A tone says what a span means; how it looks is decided in one place, with the sixteen colours every terminal has, and
// nothing depends on it: without colours (NO_COLOR) the same text says the same.

export type Tone = 'plain' | 'dim' | 'strong' | 'accent' | 'good' | 'warning' | 'bad';

export interface Span {
  text: string;
  tone: Tone;
}

export type Line = readonly Span[];

/** Select Graphic Rendition: on and off. */
const STYLES: Record<Tone, readonly [string, string]> = {
  plain: ['', ''],
  dim: ['\u001B[2m', '\u001B[22m'],
  strong: ['\u001B[1m', '\u001B[22m'],
  accent: ['\u001B[36m', '\u001B[39m'],
  good: ['\u001B[32m', '\u001B[39m'],
  warning: ['\u001B[33m', '\u001B[39m'],
  bad: ['\u001B[31m', '\u001B[39m'],
};

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** The text of a line, with escape sequences for its tones unless colours are off. */
export function paint(line: Line, hasColor: boolean): string {
  return line
    .map(({ text, tone }) => (hasColor && text !== '' ? STYLES[tone][0] + text + STYLES[tone][1] : text))
    .join('');
}

// Two cells each: East Asian wide and fullwidth forms, and emoji.
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
/** No cell: combining marks, variation selectors, joiners. */
const ZERO = /\p{M}|\p{Cf}/u;

function cellsOfCharacter(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many cells a text takes. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

export function cellsOfLine(line: Line): number {
  return line.reduce((cells, { text }) => cells + cellsOf(text), 0);
}

/** Names come from files and pipelines: what would move the cursor is shown as a question mark. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}

/** A text in at most so many cells; what is cut off is shown as `…`. */
export function cut(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  if (cells <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = used + cellsOfCharacter(character);
    if (next > cells - 1) break;
    kept += character;
    used = next;
  }
  return `${kept}…`;
}

/** As `cut`, but both ends stay, and more of the last one: it tells files apart. */
export function cutMiddle(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  const start = cut(text, Math.ceil(cells / 3));
  const characters = [...text];
  let end = '';
  while (cellsOf(start + (characters.at(-1) as string) + end) <= cells) end = characters.pop() + end;
  return start + end;
}

/** A text in exactly so many cells. */
export function pad(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const kept = cut(text, cells);
  const blank = ' '.repeat(Math.max(0, cells - cellsOf(kept)));
  return align === 'left' ? kept + blank : blank + kept;
}

/** The spans of a line that fit into so many cells; the last one is cut. */
export function cutLine(line: Line, cells: number): Line {
  const kept: Span[] = [];
  let left = cells;
  for (const { text, tone } of line) {
    if (left <= 0) break;
    const shown = cut(text, left);
    kept.push({ text: shown, tone });
    left -= cellsOf(shown);
    if (shown !== text) break;
  }
  return kept;
}

/** Two lines as one: the second flush right, cutting the first where both do not fit. */
export function spread(left: Line, right: Line, cells: number): Line {
  const start = cutLine(left, Math.max(0, cells - cellsOfLine(right) - (right.length === 0 ? 0 : 1)));
  const gap = Math.max(0, cells - cellsOfLine(start) - cellsOfLine(right));
  return [...start, span(' '.repeat(gap)), ...right];
}

/** A text in lines of at most so many cells, broken at spaces; what does not fit the last line is cut. */
export function wrap(text: string, cells: number, linesMax: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < linesMax - 1 && cellsOf(rest) > cells) {
    const whole = cut(rest, cells + 1).slice(0, -1);
    const end = whole.lastIndexOf(' ');
    const kept = end > 0 ? whole.slice(0, end) : whole;
    lines.push(kept);
    rest = rest.slice(kept.length).trimStart();
  }
  lines.push(cut(rest, cells));
  return lines;
}

/** Exactly `rows` lines, the last of them the footer. */
export function fillScreen(lines: readonly Line[], rows: number, footer: Line): Line[] {
  const filled = lines.slice(0, Math.max(rows - 1, 0));
  while (filled.length < rows - 1) filled.push([]);
  return [...filled, footer];
}
