// An error of a pipeline file as text for people and as plain data for programs.
//
//   bars.lsql:3:10: error LMN-1001: unexpected 'FORM': expected FROM, ',' or an operator
//
//    3 | SELECT a FORM trades
//      |          ^~~~
//
//   hint: did you mean FROM?
//
// Columns count characters (code points) from 1. Tabs are shown as spaces and wide characters take two cells, so the
// caret stands under what it means. A long line is cut around the caret.

import type { ErrorCode } from '../base/codes.ts';
import type { LaminarError } from '../base/errors.ts';

export interface RenderOptions {
  /** ANSI colours; default false. */
  color?: boolean;
}

/** One error as plain data, for `--json`. Lines and columns count from 1; the end is exclusive. */
export interface PlainPlacedError {
  code: ErrorCode;
  message: string;
  file: string | null;
  line: number | null;
  column: number | null;
  endLine: number | null;
  endColumn: number | null;
  hint: string | null;
}

/** Cells of source text shown at most; longer lines are cut. */
const SOURCE_CELLS_MAX = 110;
const TAB_CELLS = 4;

/** Several lines (without a final newline) that say what happened, where, and what to do. */
export function renderError(error: LaminarError, text: string, fileName: string, options: RenderOptions = {}): string {
  const paint = options.color === true ? ansi : plainText;
  const span = error.at?.span;
  const name = error.at?.name;
  const title = `${paint('red', `error ${error.code}:`)} ${paint('bold', error.message)}`;
  const lines: string[] = [];
  if (span === undefined) {
    lines.push(`${name === undefined ? fileName : `${fileName}: ${name}`}: ${title}`);
  } else {
    const place = placeOf(text, span.start);
    lines.push(`${fileName}:${place.line}:${place.column}: ${title}`, '', ...excerpt(text, span, paint));
  }
  if (error.hint !== undefined) {
    if (span !== undefined) lines.push('');
    lines.push(`${paint('cyan', 'hint:')} ${error.hint}`);
  }
  return lines.join('\n');
}

/** The same error for programs. */
export function plainError(error: LaminarError, text: string, fileName: string | null): PlainPlacedError {
  const span = error.at?.span;
  const start = span === undefined ? null : placeOf(text, span.start);
  const end = span === undefined ? null : placeOf(text, Math.max(span.start, span.end));
  return {
    code: error.code,
    message: error.message,
    file: fileName,
    line: start?.line ?? null,
    column: start?.column ?? null,
    endLine: end?.line ?? null,
    endColumn: end?.column ?? null,
    hint: error.hint ?? null,
  };
}

/** Line and column (from 1; columns in characters) of a UTF-16 offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const at = Math.max(0, Math.min(offset, text.length));
  let line = 1;
  let lineStart = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
    line++;
    lineStart = i + 1;
  }
  let column = 1;
  for (const character of text.slice(lineStart, at)) if (character !== '\uFEFF') column++;
  return { line, column };
}

/** The source line with the span's first line marked under it. */
function excerpt(text: string, span: { start: number; end: number }, paint: Paint): string[] {
  const start = Math.min(span.start, text.length);
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const line = text.slice(lineStart, lineEnd).replace(/\r$/, '');
  const from = Math.min(start - lineStart, line.length);
  const to = Math.max(from, Math.min(span.end - lineStart, line.length));

  const before = showText(line.slice(0, from), 0);
  const marked = showText(line.slice(from, to), before.cells);
  const after = showText(line.slice(to), before.cells + marked.cells);
  const cut = cutAround(before, marked, after);

  const number = String(placeOf(text, start).line);
  const gutter = ' '.repeat(number.length);
  return [
    ` ${paint('dim', `${number} |`)} ${cut.text}`.trimEnd(),
    ` ${paint('dim', `${gutter} |`)} ${' '.repeat(cut.caret)}${paint('red', `^${'~'.repeat(Math.max(0, cut.markCells - 1))}`)}`,
  ];
}

interface Shown {
  text: string;
  cells: number;
}

/** Text as a terminal shows it when it starts at cell `from`: tabs expanded, control characters replaced. */
function showText(text: string, from: number): Shown {
  let shown = '';
  let cell = from;
  for (const character of text) {
    if (character === '\t') {
      const width = TAB_CELLS - (cell % TAB_CELLS);
      shown += ' '.repeat(width);
      cell += width;
    } else {
      const width = cellsOf(character);
      shown += isControl(character) ? '\uFFFD' : width === 0 && character === '\uFEFF' ? '' : character;
      cell += width;
    }
  }
  return { text: shown, cells: cell - from };
}

/** Keeps the marked part in view when the line is longer than SOURCE_CELLS_MAX. */
function cutAround(before: Shown, marked: Shown, after: Shown): { text: string; caret: number; markCells: number } {
  if (before.cells + marked.cells + after.cells <= SOURCE_CELLS_MAX) {
    return { text: before.text + marked.text + after.text, caret: before.cells, markCells: marked.cells };
  }
  const left = before.cells <= SOURCE_CELLS_MAX / 2 ? before : lastCells(before, SOURCE_CELLS_MAX / 2);
  const middle = firstCells(marked, SOURCE_CELLS_MAX - left.cells);
  const right = firstCells(after, SOURCE_CELLS_MAX - left.cells - middle.cells);
  return { text: left.text + middle.text + right.text, caret: left.cells, markCells: middle.cells };
}

function firstCells(shown: Shown, cells: number): Shown {
  if (shown.cells <= cells) return shown;
  let text = '';
  let used = 0;
  for (const character of shown.text) {
    if (used + cellsOf(character) > cells - 1) break;
    text += character;
    used += cellsOf(character);
  }
  return { text: `${text}…`, cells: used + 1 };
}

function lastCells(shown: Shown, cells: number): Shown {
  let text = '';
  let used = 0;
  for (const character of [...shown.text].reverse()) {
    if (used + cellsOf(character) > cells - 1) break;
    text = character + text;
    used += cellsOf(character);
  }
  return { text: `…${text}`, cells: used + 1 };
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0)!;
  return code < 32 || code === 127;
}

/** Terminal cells of one character: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1. */
function cellsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

// Unicode blocks of East Asian Width W and F (UAX #11), joined where the gaps hold no letters.
const WIDE =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation})$/u;

type Style = 'red' | 'bold' | 'dim' | 'cyan';
type Paint = (style: Style, text: string) => string;

const plainText: Paint = (_style, text) => text;

const ansi: Paint = (style, text) => {
  const codes: Record<Style, [string, string]> = {
    red: ['1;31', '0'],
    bold: ['1', '22'],
    dim: ['2', '22'],
    cyan: ['36', '39'],
  };
  const [on, off] = codes[style];
  return `\u001B[${on}m${text}\u001B[${off}m`;
};
