// Results of both engines as rows of text, compared as multisets: integers, text and times exactly, doubles to a
// relative 1e-9 (the order of addition is not part of the answer).

import { DuckDBDateValue, DuckDBTimestampValue } from '@duckdb/node-api';
import type { PipelineResult } from '../support/pipeline.ts';

/** A value of DuckDB as Laminar writes it in JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof DuckDBTimestampValue) return isoOf(value.micros);
  if (value instanceof DuckDBDateValue) return new Date(value.days * 86_400_000).toISOString().slice(0, 10);
  return String(value);
}

/** Microseconds as ISO-8601 without needless zeros. */
function isoOf(micros: bigint): string {
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  const fraction = String(micros - seconds * 1_000_000n).padStart(6, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** The rows of a run whose only sink wrote JSON with `bigint = 'string'`. */
export function laminarRows(result: PipelineResult): string[][] {
  const sink = result.plan.nodes.find((node) => node.kind === 'sink');
  const columns = sink?.schema.filter((column) => column.hidden !== true) ?? [];
  return result.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>;
      return columns.map((column) => {
        const value = row[column.name];
        return column.type.kind === 'TIMESTAMP' && value !== null ? isoOf(microsOf(String(value))) : textOf(value);
      });
    });
}

/**
 * The table that the changes of a run add up to (rows without `op` are insertions). @throws when a row is deleted that is
 * not there, or the halves of an update are not neighbours.
 */
export function laminarTable(result: PipelineResult): string[][] {
  const rows = laminarRows(result);
  const ops = result.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { op?: string }).op ?? '+I');
  const table = new Map<string, { row: string[]; count: number }>();
  ops.forEach((op, n) => {
    const row = rows[n] as string[];
    if ((op === '-U') !== (ops[n + 1] === '+U'))
      throw new Error(`half an update: ${row.join(' | ')}\n${result.output}`);
    const key = row.join('\u0000');
    const kept = table.get(key) ?? { row, count: 0 };
    kept.count += op.startsWith('+') ? 1 : -1;
    if (kept.count < 0) throw new Error(`deleted, but not there: ${row.join(' | ')}\n${result.output}`);
    table.set(key, kept);
  });
  return [...table.values()].flatMap(({ row, count }) => Array.from({ length: count }, () => row));
}

function microsOf(iso: string): bigint {
  const [, head, fraction] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(iso) as unknown as [
    string,
    string,
    string | undefined,
  ];
  return BigInt(Date.parse(`${head}Z`)) * 1000n + BigInt((fraction ?? '').padEnd(6, '0'));
}

/** @returns null when both hold the same rows, else what differs. */
export function sameMultiset(actual: string[][], expected: string[][]): string | null {
  if (actual.length !== expected.length) {
    return `${actual.length} rows instead of ${expected.length}:\n${format(actual)}\ninstead of\n${format(expected)}`;
  }
  const left = sorted(actual);
  const rest = sorted(expected);
  for (const row of left) {
    const found = rest.findIndex((other) => sameRow(row, other));
    if (found < 0) return `row ${row.join(' | ')}\ninstead of ${rest[0]?.join(' | ')}`;
    rest.splice(found, 1);
  }
  return null;
}

/** @returns null when both hold the same rows in the same order, else what differs. */
export function sameSequence(actual: string[][], expected: string[][]): string | null {
  const isSame = actual.length === expected.length && actual.every((row, n) => sameRow(row, expected[n] as string[]));
  return isSame ? null : `${format(actual)}\ninstead of\n${format(expected)}`;
}

function format(rows: string[][]): string {
  return rows
    .slice(0, 20)
    .map((row) => row.join(' | '))
    .join('\n');
}

/** Sorted by a text in which doubles are rounded: rows that are equal for us stand at the same place, or near it. */
function sorted(rows: string[][]): string[][] {
  const keyed = rows.map((row) => ({ row, key: row.map(sortText).join('\u0000') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
}

function sortText(value: string): string {
  return /^-?\d+\.\d+$/.test(value) ? Number(value).toPrecision(7) : value;
}

function sameRow(a: readonly string[], b: readonly string[]): boolean {
  return a.every((value, column) => sameValue(value, b[column] as string));
}

function sameValue(a: string, b: string): boolean {
  if (a === b) return true;
  if (!/^-?\d/.test(a) || !/^-?\d/.test(b) || a.includes(':')) return false;
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y), 1e-3);
}
