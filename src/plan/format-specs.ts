// Every format with its options, and the options every source has: plain data for the binder and the docs.
//
// A decoder or encoder finds its options in `EndpointSpec.options` under exactly the names given here. The options of
// `SOURCE_OPTIONS` are fields of the plan's source node instead.

import { RECORD_BYTES_DEFAULT } from '../base/limits.ts';
import type { OptionSpec } from './option-spec.ts';

export interface FormatSpec {
  /** `EndpointSpec.kind`; written in any case in SQL. */
  name: string;
  aliases: readonly string[];
  summary: string;
  /** File name endings (before a compression's own ending) that choose the format. */
  extensions: readonly string[];
  /** null: sources cannot have it. Lookup tables have the formats of sources, and one more. */
  source: readonly OptionSpec[] | null;
  /** Of a format that lookup tables have and sources do not. */
  lookup?: readonly OptionSpec[];
  /** null: sinks cannot have it. */
  sink: readonly OptionSpec[] | null;
  /** Whether a sink can write changes: never, where it gets them, or it is made for them. */
  changes: 'never' | 'possible' | 'always';
}

const TIMESTAMP_FORMAT: OptionSpec = {
  name: 'timestamp_format',
  type: { kind: 'choice', of: ['iso', 's', 'ms', 'us', 'ns'] },
  default: 'iso',
  doc: 'How times are written: as ISO-8601 text in UTC, or as a number of these units since 1970.',
};

const BIGINT_FORMAT: OptionSpec = {
  name: 'bigint',
  type: { kind: 'choice', of: ['number', 'string'] },
  default: 'number',
  doc: 'Whether BIGINT and DECIMAL are written as a JSON number or in quotes, for readers that keep numbers as doubles.',
};

const NON_FINITE = (doc: string): OptionSpec => ({
  name: 'non_finite',
  type: { kind: 'choice', of: ['null', 'string'] },
  default: 'null',
  doc,
});

/** What `op_column` is when it is not given. */
export const OP_COLUMN_DEFAULT = 'op';

const OP_COLUMN: OptionSpec = {
  name: 'op_column',
  type: { kind: 'text' },
  default: null,
  doc: 'Name of the first field where rows are changes, op without this option: it holds +I, -U, +U or -D.',
};

const KEY: OptionSpec = {
  name: 'key',
  type: { kind: 'text' },
  default: null,
  doc: "With changelog = 'upsert': the columns that name a row, with commas between them. Without this option those that the query groups by.",
};

const changelog = (of: readonly string[]): OptionSpec => ({
  name: 'changelog',
  type: { kind: 'choice', of },
  default: null,
  doc: `How rows that change are written; given, the sink asks for changes where its query leaves that open. weight: every change, with its kind in the field \`op\`, as without this option; rows that only come are insertions. upsert: the row as it is (\`op\` is +U), or only its key when it is deleted (-D).${of.includes('debezium') ? " debezium: as format = 'debezium'." : ''}`,
});

const SOURCE_CHANGES: readonly OptionSpec[] = [
  {
    name: 'changelog',
    type: { kind: 'choice', of: ['weight', 'upsert'] },
    default: null,
    doc: 'What records are that say what kind of change they are. weight: whole rows, with +I, -U, +U or -D. upsert, with a PRIMARY KEY: the row as it is, or -D and the key of one that is gone.',
  },
  {
    name: 'op_column',
    type: { kind: 'text' },
    default: null,
    doc: 'With changelog: the field that says the kind of change, op without this option.',
  },
];

const JSON_VALUES: readonly OptionSpec[] = [
  {
    name: 'nulls',
    type: { kind: 'choice', of: ['null', 'omit'] },
    default: 'null',
    doc: 'Whether NULL is written as null or its field left out.',
  },
  BIGINT_FORMAT,
  NON_FINITE('Whether NaN and the infinities are written as null or as text in quotes.'),
  TIMESTAMP_FORMAT,
];

const CSV_COMMON: readonly OptionSpec[] = [
  {
    name: 'delimiter',
    type: { kind: 'character' },
    default: ',',
    doc: 'Character between two fields; \\t is the tab.',
  },
  {
    name: 'quote',
    type: { kind: 'character' },
    default: '"',
    doc: 'Character around fields that need it; twice inside.',
  },
];

const CSV_NULL = (doc: string): OptionSpec => ({ name: 'null', type: { kind: 'text' }, default: '', doc });

export const FORMATS: readonly FormatSpec[] = [
  {
    name: 'json',
    aliases: ['ndjson', 'jsonl'],
    summary: 'One JSON object a line.',
    extensions: ['.ndjson', '.jsonl', '.json'],
    source: SOURCE_CHANGES,
    sink: [...JSON_VALUES, changelog(['weight', 'debezium', 'upsert']), KEY, OP_COLUMN],
    changes: 'possible',
  },
  {
    name: 'csv',
    aliases: [],
    summary: 'Comma-separated values (RFC 4180), with or without a header line.',
    extensions: ['.csv'],
    source: [
      ...CSV_COMMON,
      {
        name: 'header',
        type: { kind: 'boolean' },
        default: true,
        doc: 'Whether the first line names the columns; without it fields are taken in the order of the declared columns.',
      },
      CSV_NULL('Unquoted text that stands for NULL.'),
      ...SOURCE_CHANGES,
    ],
    sink: [
      ...CSV_COMMON,
      { name: 'header', type: { kind: 'boolean' }, default: true, doc: 'Whether the first line names the columns.' },
      CSV_NULL('What is written for NULL, unquoted.'),
      NON_FINITE('Whether NaN and the infinities are written like NULL or as text.'),
      TIMESTAMP_FORMAT,
      changelog(['weight', 'upsert']),
      KEY,
      OP_COLUMN,
    ],
    changes: 'possible',
  },
  {
    name: 'arrow',
    aliases: [],
    summary: 'Apache Arrow IPC stream; files are read from front to back too.',
    extensions: ['.arrow', '.arrows'],
    source: [],
    sink: [],
    changes: 'never',
  },
  {
    name: 'parquet',
    aliases: [],
    summary:
      'Apache Parquet files, for tables that are read whole: uncompressed or compressed with Snappy, gzip, zstd, Brotli or LZ4, in any encoding. Columns have the names and fitting types; lists and structs are not read.',
    extensions: ['.parquet'],
    source: null,
    lookup: [],
    sink: null,
    changes: 'never',
  },
  {
    name: 'debezium',
    aliases: ['debezium-json'],
    summary:
      'One JSON object a line: the envelope `{"op", "before", "after", "ts_ms"}` of Debezium, where `op` is `c` for an insertion, `u` for an update and `d` for a deletion. `ts_ms` is the time of writing.',
    extensions: [],
    source: [],
    sink: JSON_VALUES,
    changes: 'always',
  },
];

/** Options of every source that reads bytes, whatever its connector and format. */
export const SOURCE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'on_error',
    type: { kind: 'choice', of: ['fail', 'skip', 'null', 'dead_letter'] },
    default: 'fail',
    doc: 'What happens to a record that does not fit: fail ends the run, skip leaves it out, null makes the bad field NULL, dead_letter writes it to a file and goes on.',
  },
  {
    name: 'dead_letter',
    type: { kind: 'text' },
    default: null,
    doc: "File that takes the bad records, with the reason and the place, under on_error = 'dead_letter'.",
  },
  {
    name: 'max_record_bytes',
    type: { kind: 'integer', minimum: 16 },
    default: RECORD_BYTES_DEFAULT,
    doc: 'Longest record in bytes; longer ones are bad records. Arrow streams and Parquet files have no such limit.',
  },
  {
    name: 'timestamp_unit',
    type: { kind: 'choice', of: ['s', 'ms', 'us', 'ns'] },
    default: 'ms',
    doc: 'Unit of times that are written as numbers.',
  },
];

/** The option that chooses the format of a source, lookup table or sink. */
export const FORMAT_OPTION: Readonly<Record<'source' | 'lookup' | 'sink', OptionSpec>> = {
  source: formatOption(FORMATS.filter((f) => f.source !== null)),
  lookup: formatOption(FORMATS.filter((f) => f.source !== null || f.lookup !== undefined)),
  sink: formatOption(FORMATS.filter((f) => f.sink !== null)),
};

function formatOption(formats: readonly FormatSpec[]): OptionSpec {
  return {
    name: 'format',
    type: { kind: 'choice', of: formats.map((f) => f.name) },
    aliases: Object.fromEntries(formats.flatMap((f) => f.aliases.map((alias) => [alias, f.name]))),
    default: null,
    doc: 'The format of the bytes; without it the ending of the file name decides, and json otherwise.',
  };
}

/** The format that a file name's ending names, null when it names none. */
export function formatOfPath(path: string): string | null {
  const plain = path.toLowerCase().replace(/\.(gz|zst)$/, '');
  return FORMATS.find((format) => format.extensions.some((extension) => plain.endsWith(extension)))?.name ?? null;
}
