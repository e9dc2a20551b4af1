// Dead letters: one JSON line for every record a source's error policy left out, so that nothing is lost.
//
//   {"source":"trades","split":"stdin","line":3,"offset":123,"code":"LMN-6002","error":"…","column":"price","raw":"…"}
//
// `line` is 1-based, `offset` the byte where the record starts in its (decompressed) split. `raw` is the record's text;
// bytes that are not UTF-8 are in `raw_base64` instead.

import fs from 'node:fs';
import { LaminarError } from '../base/errors.ts';

export interface DeadLetter {
  source: string;
  split: string;
  line: number;
  offset: number;
  code: string;
  error: string;
  column: string | null;
  raw: Uint8Array;
}

export class DeadLetters {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });

  /** Creates or truncates the file. @throws LaminarError LMN-5090 when it cannot be opened. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = fs.openSync(path, 'w');
    } catch (cause) {
      throw new LaminarError('LMN-5090', `cannot open the dead letter file ${path}: ${(cause as Error).message}`, {
        hint: 'Check that its folder exists and is writable.',
        cause,
      });
    }
  }

  write(letter: DeadLetter): void {
    const { raw, column, ...rest } = letter;
    const line = { ...rest, ...(column === null ? {} : { column }), ...this.#text(raw) };
    try {
      fs.writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      throw new LaminarError(
        'LMN-5090',
        `cannot write to the dead letter file ${this.#path}: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #text(raw: Uint8Array): { raw: string } | { raw_base64: string } {
    try {
      return { raw: this.#utf8.decode(raw) };
    } catch {
      return { raw_base64: Buffer.from(raw).toString('base64') };
    }
  }
}
