// How the files of a series are called: a number before the extension of the option `path`, and before that of a compression.
//
//   out/trades.ndjson.gz  ─►  trades-000001.ndjson.gz

import path from 'node:path';

const DIGITS = 6;
const COMPRESSED = new Set(['.gz', '.gzip', '.zst', '.zstd']);

/** Names of a series, without their directory. */
export class RolledName {
  readonly #stem: string;
  readonly #extension: string;

  constructor(file: string) {
    const base = path.basename(file);
    const last = path.extname(base);
    const inner = COMPRESSED.has(last.toLowerCase()) ? path.extname(path.basename(base, last)) : '';
    this.#extension = inner + last;
    this.#stem = base.slice(0, base.length - this.#extension.length);
  }

  of(number: number): string {
    return `${this.#stem}-${String(number).padStart(DIGITS, '0')}${this.#extension}`;
  }

  /** The number of a file by its name; null: it is not of the series. */
  numberOf(name: string): number | null {
    const digits = name.slice(this.#stem.length + 1, name.length - this.#extension.length);
    const number = /^\d{6,15}$/.test(digits) ? Number(digits) : 0;
    return number > 0 && this.of(number) === name ? number : null;
  }
}
