// Dead letters: one JSON line for every record a source's error policy left out, so that nothing is lost.
//
//   {"source":"trades","split":"stdin","line":3,"offset":123,"code":"LMN-6002","error":"…","column":"price","raw":"…"}
//
// `line` is 1-based, `offset` the byte where the record starts in its (decompressed) split. `raw` is the record's text;
// bytes that are not UTF-8 are in `raw_base64` instead.

import fs from 'node:fs';
import { LaminarError } from '../base/errors.ts';
import { requireBytes } from '../connectors/file.ts';
import type { SinkState } from '../state/snapshot.ts';

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

/** By which a checkpoint knows the file: no node has a space before its name. */
export function deadLettersId(path: string): string {
  return ` dead letters ${path}`;
}

export class DeadLetters {
  readonly #path: string;
  readonly #descriptor: number;
  #bytes: number;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });

  /**
   * Creates or truncates the file. @param resumeAt bytes of it that an earlier run has written and that stay.
   * @throws LMN-5090 when it cannot be opened, LMN-4005 when it has fewer bytes.
   */
  constructor(path: string, resumeAt: number | null = null) {
    this.#path = path;
    try {
      this.#descriptor = fs.openSync(path, resumeAt === null ? 'w' : 'a');
    } catch (cause) {
      throw new LaminarError('LMN-5090', `cannot open the dead letter file ${path}: ${(cause as Error).message}`, {
        hint: 'Check that its folder exists and is writable.',
        cause,
      });
    }
    if (resumeAt !== null) requireBytes(path, this.#descriptor, resumeAt);
    this.#bytes = resumeAt ?? 0;
  }

  /** How much of it counts from now on. */
  settle(): SinkState {
    return { id: deadLettersId(this.#path), bytes: this.#bytes, openInputs: 0, isFinished: false };
  }

  write(letter: DeadLetter): void {
    const { raw, column, ...rest } = letter;
    const line = { ...rest, ...(column === null ? {} : { column }), ...this.#text(raw) };
    try {
      this.#bytes += fs.writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
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
