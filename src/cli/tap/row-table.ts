// Rows of JSON as lines of a table that goes on: columns are as wide as the first rows need, and widen when a later one
// needs more; the header is printed first.

/** Widest cell, in characters: what is longer is cut, or one row would push all others apart. */
const CELL_MAX = 40;

export class RowTable {
  readonly #columns: readonly string[];
  readonly #widths: number[];
  #hasHeader = false;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#widths = columns.map((name) => name.length);
  }

  /** @param lines of JSON, an object each. @returns lines of the table, each with its newline. */
  render(lines: readonly string[]): string {
    const rows = lines.map((line) => this.#cells(line));
    for (const row of rows) {
      row.forEach(({ text }, index) => {
        this.#widths[index] = Math.max(this.#widths[index] as number, text.length);
      });
    }
    const titles = this.#columns.map((text) => ({ text, isNumber: false }));
    const header = this.#hasHeader ? [] : [this.#line(titles)];
    this.#hasHeader = true;
    return [...header, ...rows.map((row) => this.#line(row))].map((line) => `${line}\n`).join('');
  }

  #cells(line: string): Cell[] {
    const row = JSON.parse(line, asWritten) as Record<string, unknown>;
    return this.#columns.map((name) => {
      const value = row[name];
      if (value instanceof NumberText) return { text: value.text, isNumber: true };
      if (value === null || value === undefined) return { text: 'NULL', isNumber: false };
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return { text: cut(text), isNumber: false };
    });
  }

  #line(cells: readonly Cell[]): string {
    const padded = cells.map(({ text, isNumber }, index) => {
      const width = this.#widths[index] as number;
      return isNumber ? text.padStart(width) : text.padEnd(width);
    });
    return padded.join('  ').trimEnd();
  }
}

interface Cell {
  text: string;
  isNumber: boolean;
}

/** A number with all of its digits. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }
}

function asWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? new NumberText(context.source) : value;
}

/** On one line: a newline or an escape sequence in a value must not draw on the terminal. */
function cut(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
  return line.length > CELL_MAX ? `${line.slice(0, CELL_MAX - 1)}…` : line;
}
