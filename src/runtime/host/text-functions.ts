// Functions of text that are seldom used: distances, accents, capitals.
//
// Distances are between the bytes of UTF-8, as DuckDB's are.

import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

export const textFunctions: Readonly<Record<string, () => HostBody>> = {
  translate: () => translate,
  initcap: () => (text: string) =>
    text.toLowerCase().replace(/[\p{L}\p{M}\p{N}]+/gu, (word) => {
      const first = String.fromCodePoint(word.codePointAt(0) as number);
      return first.toUpperCase() + word.slice(first.length);
    }),
  strip_accents: () => (text: string) =>
    text
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .normalize('NFC'),
  nfc_normalize: () => (text: string) => text.normalize('NFC'),
  levenshtein: () => (a: string, b: string) => BigInt(editDistance(Buffer.from(a), Buffer.from(b), false)),
  damerau_levenshtein: () => (a: string, b: string) => BigInt(editDistance(Buffer.from(a), Buffer.from(b), true)),
  hamming: () => (a: string, b: string) => BigInt(hamming(Buffer.from(a), Buffer.from(b))),
  jaccard: () => (a: string, b: string) => jaccard(Buffer.from(a), Buffer.from(b)),
  format_bytes: () => (bytes: bigint) => formatBytes(bytes),
};

/** Characters of `from` become those of `to` at the same place, and go where there is none. */
function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const changes = new Map<string, string>();
  [...from].forEach((c, i) => {
    if (!changes.has(c)) changes.set(c, targets[i] ?? '');
  });
  let result = '';
  for (const c of text) result += changes.get(c) ?? c;
  return result;
}

/** Insertions, deletions and replacements, and (Damerau) exchanges of neighbours that may be changed in between. */
function editDistance(a: Uint8Array, b: Uint8Array, exchanges: boolean): number {
  const width = b.length + 2;
  const far = a.length + b.length;
  const rows = new Uint32Array((a.length + 2) * width);
  const lastRow = new Map<number, number>();
  rows[0] = far;
  for (let i = 0; i <= a.length; i++) {
    rows[(i + 1) * width] = far;
    rows[(i + 1) * width + 1] = i;
  }
  for (let j = 0; j <= b.length; j++) {
    rows[j + 1] = far;
    rows[width + j + 1] = j;
  }
  const at = (i: number, j: number) => rows[i * width + j] as number;
  for (let i = 1; i <= a.length; i++) {
    let lastColumn = 0;
    for (let j = 1; j <= b.length; j++) {
      const row = lastRow.get(b[j - 1] as number) ?? 0;
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(i, j) + (isSame ? 0 : 1), at(i + 1, j) + 1, at(i, j + 1) + 1);
      if (exchanges) cost = Math.min(cost, at(row, lastColumn) + (i - row - 1) + 1 + (j - lastColumn - 1));
      if (isSame) lastColumn = j;
      rows[(i + 1) * width + j + 1] = cost;
    }
    lastRow.set(a[i - 1] as number, i);
  }
  return at(a.length + 1, b.length + 1);
}

function hamming(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ArgumentError('hamming takes two texts of the same length, and not empty');
  }
  return a.reduce((count, byte, i) => count + (byte === b[i] ? 0 : 1), 0);
}

function jaccard(a: Uint8Array, b: Uint8Array): number {
  if (a.length === 0 || b.length === 0) throw new ArgumentError('jaccard takes texts that are not empty');
  const [left, right] = [new Set(a), new Set(b)];
  const both = [...left].filter((byte) => right.has(byte)).length;
  return both / (left.size + right.size - both);
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function formatBytes(bytes: bigint): string {
  const sign = bytes < 0n ? '-' : '';
  let size = bytes < 0n ? -bytes : bytes;
  if (size < 1024n) return `${sign}${size} ${size === 1n ? 'byte' : 'bytes'}`;
  let rest = 0n;
  let unit = -1;
  for (; size >= 1024n && unit < UNITS.length - 1; unit++) {
    rest = size % 1024n;
    size /= 1024n;
  }
  return `${sign}${size}.${(rest * 10n) / 1024n} ${UNITS[unit]}`;
}
