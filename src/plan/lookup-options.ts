// Options of lookup tables, as plain data: see connector-specs.ts.

import type { OptionSpec } from './option-spec.ts';

/** Of files, besides those of a source. */
export const FILE_LOOKUP_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'refresh',
    type: { kind: 'duration' },
    default: 0,
    doc: 'How often to look whether the files have changed; then they are read anew. 0 reads them once.',
  },
  {
    name: 'ttl',
    type: { kind: 'duration' },
    default: 0,
    doc: 'How old the rows may become: then the files are read anew, changed or not. 0 is however old.',
  },
];

export const POSTGRES_LOOKUP_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    type: { kind: 'text' },
    default: null,
    doc: "Where the database is: 'postgres://user@host:5432/database', with ?sslmode=… and the like behind it, or 'env:NAME' for the environment variable that says so. What it leaves out comes from PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD and ~/.pgpass.",
  },
  {
    name: 'table',
    type: { kind: 'text' },
    default: null,
    doc: 'The table or view, as SQL names it, with its schema or without.',
  },
  {
    name: 'query',
    type: { kind: 'text' },
    default: null,
    doc: 'Instead of a table: a SELECT that gives the columns.',
  },
  {
    name: 'ttl',
    type: { kind: 'duration' },
    default: 300_000_000,
    doc: 'How old a row that was fetched may become: then it is fetched anew when it is wanted. 0 is however old.',
  },
  {
    name: 'negative_ttl',
    type: { kind: 'duration' },
    default: 60_000_000,
    doc: 'How long it is remembered that the table has no row for a key.',
  },
  {
    name: 'cache_size',
    type: { kind: 'integer', minimum: 1 },
    default: 100_000,
    doc: 'Rows that are kept, and keys without one; those that have not been used for long make room.',
  },
  {
    name: 'batch_size',
    type: { kind: 'integer', minimum: 1 },
    default: 1000,
    doc: 'Most keys that one query asks for.',
  },
  {
    name: 'timeout',
    type: { kind: 'duration' },
    default: 5_000_000,
    doc: 'How long to wait for a connection, and for the answer to a query.',
  },
  {
    name: 'retry_for',
    type: { kind: 'duration' },
    default: 30_000_000,
    doc: 'How long to try again, less and less often, when the server is gone or too slow during the run; then on_error decides.',
  },
];
