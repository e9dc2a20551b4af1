// A terminal without a window: takes what a program writes to its standard output, and knows what a person would see.
//
// It understands what Ink writes: text, line ends, moving the cursor, erasing, the second screen, colours (which it
// drops), and fails on anything else.

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';

const SEQUENCE = new RegExp(
  String.raw`${'\u001B'}\[(?<parameters>[?\d;]*)(?<command>[A-Za-z])|\r|\n|[^${'\u001B'}\r\n]+`,
  'gu',
);

export class FakeScreen extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** All that was written. */
  written = '';
  isSecondScreen = false;
  isCursorHidden = false;
  #cells: string[][] = [];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  /** As a standard output. */
  get stdout(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  /** What is seen: a text a row, without blanks at the end. */
  lines(): string[] {
    return Array.from({ length: this.rows }, (_, row) => (this.#cells[row] ?? []).join('').trimEnd());
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  write(text: string, ...rest: unknown[]): boolean {
    this.written += text;
    let end = 0;
    for (const match of text.matchAll(SEQUENCE)) {
      if (match.index !== end) break;
      end += match[0].length;
      this.#take(match[0], match.groups?.['parameters'], match.groups?.['command']);
    }
    if (end !== text.length)
      throw new Error(`the screen does not understand ${JSON.stringify(text.slice(end, end + 20))}`);
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  }

  #take(text: string, parameters: string | undefined, command: string | undefined): void {
    if (command !== undefined) this.#obey(command, parameters ?? '');
    else if (text === '\r') this.#column = 0;
    else if (text === '\n') this.#newLine();
    else for (const character of text) this.#put(character);
  }

  #put(character: string): void {
    if (this.#column >= this.columns) throw new Error(`the line is too long: ${this.lines()[this.#row]}${character}`);
    this.#cells[this.#row] ??= [];
    const line = this.#cells[this.#row] as string[];
    while (line.length < this.#column) line.push(' ');
    line[this.#column++] = character;
  }

  #newLine(): void {
    this.#column = 0;
    if (++this.#row < this.rows) return;
    this.#row = this.rows - 1;
    this.#cells.shift();
  }

  #obey(command: string, parameters: string): void {
    const count = Number(parameters || 1);
    if (command === 'm') return;
    if (command === 'A') this.#row = Math.max(this.#row - count, 0);
    else if (command === 'B') this.#row = Math.min(this.#row + count, this.rows - 1);
    else if (command === 'C') this.#column += count;
    else if (command === 'E') [this.#row, this.#column] = [Math.min(this.#row + count, this.rows - 1), 0];
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'H') [this.#row, this.#column] = [0, 0];
    else if (command === 'K') this.#eraseLine(parameters);
    else if (command === 'J') this.#eraseBelow();
    else if (command === 'h' || command === 'l') this.#switch(parameters, command === 'h');
    else throw new Error(`the screen does not know CSI ${parameters}${command}`);
  }

  #eraseLine(parameters: string): void {
    this.#cells[this.#row] = parameters === '2' ? [] : (this.#cells[this.#row] ?? []).slice(0, this.#column);
  }

  #eraseBelow(): void {
    this.#cells.length = Math.min(this.#cells.length, this.#row + 1);
    this.#eraseLine('');
  }

  #switch(mode: string, isOn: boolean): void {
    if (mode === '?25') this.isCursorHidden = !isOn;
    if (mode !== '?1049') return;
    this.isSecondScreen = isOn;
    this.#cells = [];
    [this.#row, this.#column] = [0, 0];
  }
}

/** A standard input at which keys are pressed. */
export class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  get stdin(): NodeJS.ReadStream {
    return this as unknown as NodeJS.ReadStream;
  }
}
