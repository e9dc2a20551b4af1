// Every connector with its options, as plain data: what the binder checks and completes, and what the docs print.
//
// A connector's reader or writer finds each option in `EndpointSpec.options` under exactly the name given here.

import { ROLL_BYTES_MAX, ROLL_BYTES_MIN, ROLL_MICROS_MIN } from '../base/limits.ts';
import { BIGINT, type DataType, INTEGER, TIMESTAMP, VARCHAR } from '../data/type.ts';
import { FILE_LOOKUP_OPTIONS, POSTGRES_LOOKUP_OPTIONS } from './lookup-options.ts';
import type { EndpointSpec } from './node.ts';
import type { OptionSpec } from './option-spec.ts';

export interface ConnectorSpec {
  /** `EndpointSpec.kind`; written in any case in SQL. */
  name: string;
  /** One sentence for the reference. */
  summary: string;
  /** null: cannot be read from. */
  source: EndpointRole | null;
  /** null: cannot be written to. */
  sink: EndpointRole | null;
  /** As a lookup table; without it: cannot be one. */
  lookup?: EndpointRole;
}

export interface EndpointRole {
  options: readonly OptionSpec[];
  /**
   * bytes: carries bytes in a format; json: makes JSON records of its own, so the plan's format is json and the
   * pipeline cannot choose one; optional: takes bytes in a format, or nothing.
   */
  format: 'bytes' | 'json' | 'optional';
}

const SEED: OptionSpec = {
  name: 'seed',
  type: { kind: 'integer', minimum: 0 },
  default: 1,
  doc: 'Start of the random numbers: the same seed gives the same rows.',
};

const RATE: OptionSpec = {
  name: 'rate',
  type: { kind: 'number', minimum: 0 },
  default: 0,
  doc: 'Rows per second; 0 is as fast as they can be taken.',
};

const COMPRESSION: OptionSpec = {
  name: 'compression',
  type: { kind: 'choice', of: ['auto', 'none', 'gzip', 'zstd'] },
  aliases: { gz: 'gzip', zst: 'zstd' },
  default: 'auto',
  doc: 'How the file is compressed; auto goes by the ending of its name (.gz, .zst).',
};

const FILE_SOURCE: readonly OptionSpec[] = [
  {
    name: 'path',
    type: { kind: 'text' },
    default: null,
    required: true,
    doc: 'The file, relative to the working directory; a glob reads every match in name order.',
  },
  COMPRESSION,
];

/** What makes a FILE sink a series of files. */
const ROLL_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'roll_bytes',
    type: { kind: 'bytes', minimum: ROLL_BYTES_MIN, maximum: ROLL_BYTES_MAX },
    default: null,
    doc: 'Writes files with numbers, out-000001.ndjson for out.ndjson: the next one begins with the row that would make the last one larger. Bytes of text before compression; for Arrow those of the values. See rolled-files.md.',
  },
  {
    name: 'roll_every',
    type: { kind: 'duration', minimum: ROLL_MICROS_MIN },
    default: null,
    doc: 'Writes files with numbers: the next one begins when so much time has passed, by the clock, since the first row of the last one.',
  },
];

/** Whether a sink writes a series of files. */
export function isRolled({ options }: EndpointSpec): boolean {
  return ROLL_OPTIONS.some(({ name }) => options[name] !== undefined);
}

export const CONNECTORS: readonly ConnectorSpec[] = [
  {
    name: 'stdin',
    summary: 'Reads standard input until it ends.',
    source: { options: [], format: 'bytes' },
    sink: null,
  },
  {
    name: 'stdout',
    summary: 'Writes to standard output.',
    source: null,
    sink: { options: [], format: 'bytes' },
  },
  {
    name: 'file',
    summary: 'Reads files, or writes one, or a series of them.',
    source: { options: FILE_SOURCE, format: 'bytes' },
    sink: {
      options: [
        {
          name: 'path',
          type: { kind: 'text' },
          default: null,
          required: true,
          doc: 'The file, relative to the working directory.',
        },
        {
          name: 'mode',
          type: { kind: 'choice', of: ['overwrite', 'append', 'new'] },
          default: 'overwrite',
          doc: 'What happens to a file that exists: overwrite replaces it, append goes on behind it, new is an error. Of files that are rolled all that are there are meant, and new is the default.',
        },
        COMPRESSION,
        ...ROLL_OPTIONS,
      ],
      format: 'bytes',
    },
    lookup: { options: [...FILE_SOURCE, ...FILE_LOOKUP_OPTIONS], format: 'bytes' },
  },
  {
    name: 'generator',
    summary:
      'Makes rows: sequences, random numbers, values from a list; the same seed gives the same rows. If exactly one TIMESTAMP column is an ascending sequence, rows are in its order, and it has a watermark unless another is declared.',
    source: {
      options: [
        {
          name: 'rows',
          type: { kind: 'integer', minimum: 0 },
          default: 0,
          doc: 'How many rows to make; 0 never ends.',
        },
        RATE,
        SEED,
      ],
      format: 'json',
    },
    sink: null,
  },
  {
    name: 'nexmark',
    summary:
      'Makes the events of the NEXMark auction benchmark: of 50 events 1 person, 3 auctions and 46 bids. They come in the order of dateTime, which has a watermark.',
    source: {
      options: [
        {
          name: 'events',
          type: { kind: 'integer', minimum: 0 },
          default: 0,
          doc: 'How many events to make, of all kinds together; 0 never ends.',
        },
        {
          name: 'rate',
          type: { kind: 'number', minimum: 0 },
          default: 0,
          doc: 'Events per second of the wall clock, of all kinds together; 0 is as fast as they can be taken.',
        },
        {
          name: 'event_rate',
          type: { kind: 'number', minimum: 0 },
          default: 0,
          doc: 'Events per second of event time; 0 is rate, or 10,000 without a rate.',
        },
        SEED,
        {
          name: 'kind',
          type: { kind: 'choice', of: ['all', 'person', 'auction', 'bid'] },
          default: 'all',
          doc: 'Which events become rows; all gives every event with the columns of the three kinds.',
        },
        {
          name: 'base_time',
          type: { kind: 'timestamp' },
          default: 1_436_918_400_000_000,
          doc: 'Event time of the first event, in whole milliseconds.',
        },
      ],
      format: 'json',
    },
    sink: null,
  },
  {
    name: 'postgres',
    summary:
      'Looks into a table of PostgreSQL, by key, for the rows that are wanted. Of `on_error` of its options `fail` ends the run also when the server cannot be asked any more, `null` then takes the table for empty, and `skip` and `dead_letter` leave out the rows that ask.',
    source: null,
    sink: null,
    lookup: { options: POSTGRES_LOOKUP_OPTIONS, format: 'json' },
  },
  {
    name: 'blackhole',
    summary: 'Takes rows and forgets them, for measuring; with a format it encodes them first.',
    source: null,
    sink: { options: [], format: 'optional' },
  },
];

/**
 * Options of one column of a GENERATOR, written `COLUMN.option`. `min`, `max`, `start` and `step` are numbers; for a
 * TIMESTAMP column times (and a length of time for `step`), as µs or as text; for a DATE column days or text. What an
 * option means for a column, and what holds without it, is in generator-columns.ts, which also checks them.
 */
export const GENERATOR_COLUMN_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'kind',
    type: { kind: 'choice', of: ['sequence', 'random', 'constant', 'cycle'] },
    default: null,
    doc: 'sequence counts from start by step, random draws between min and max or from values, constant repeats start or the only value, cycle takes values in turn. Without it: random with min, max or values, sequence with start or step, and else sequence for whole numbers and times and random for the rest.',
  },
  {
    name: 'min',
    type: { kind: 'number' },
    default: null,
    doc: 'Smallest random value, 0 without it; for text the least number of letters (8), for times 2024-01-01.',
  },
  {
    name: 'max',
    type: { kind: 'number' },
    default: null,
    doc: 'Largest random value, 100 above min without it; for text the greatest number of letters, for times a day and for dates a year after min.',
  },
  {
    name: 'start',
    type: { kind: 'number' },
    default: null,
    doc: 'First value of a sequence, or the constant: 0 without it, 2024-01-01 for times and dates.',
  },
  {
    name: 'step',
    type: { kind: 'number' },
    default: null,
    doc: 'Distance between two values of a sequence: 1 without it, 1 ms for times.',
  },
  { name: 'values', type: { kind: 'text' }, default: null, doc: 'The values to draw from, separated by commas.' },
  {
    name: 'null_rate',
    type: { kind: 'number', minimum: 0, maximum: 1 },
    default: null,
    doc: 'Share of NULLs, from 0 to 1.',
  },
];

export interface GeneratedColumn {
  name: string;
  type: DataType;
  /** Can be NULL: columns of the other kinds when `kind` is `all`. */
  nullable: boolean;
}

const PERSON: readonly [string, DataType][] = [
  ['id', BIGINT],
  ['name', VARCHAR],
  ['emailAddress', VARCHAR],
  ['creditCard', VARCHAR],
  ['city', VARCHAR],
  ['state', VARCHAR],
  ['dateTime', TIMESTAMP],
  ['extra', VARCHAR],
];

const AUCTION: readonly [string, DataType][] = [
  ['id', BIGINT],
  ['itemName', VARCHAR],
  ['description', VARCHAR],
  ['initialBid', BIGINT],
  ['reserve', BIGINT],
  ['dateTime', TIMESTAMP],
  ['expires', TIMESTAMP],
  ['seller', BIGINT],
  ['category', BIGINT],
  ['extra', VARCHAR],
];

const BID: readonly [string, DataType][] = [
  ['auction', BIGINT],
  ['bidder', BIGINT],
  ['price', BIGINT],
  ['channel', VARCHAR],
  ['url', VARCHAR],
  ['dateTime', TIMESTAMP],
  ['extra', VARCHAR],
];

const plain = (columns: readonly [string, DataType][]): GeneratedColumn[] =>
  columns.map(([name, type]) => ({ name, type, nullable: false }));

const prefixed = (prefix: string, columns: readonly [string, DataType][]): GeneratedColumn[] =>
  columns
    .filter(([name]) => name !== 'dateTime')
    .map(([name, type]) => ({ name: `${prefix}_${name}`, type, nullable: true }));

/**
 * Columns of a NEXMARK source by its `kind`. Under `all` they are `event_type` (0 person, 1 auction, 2 bid), `dateTime`,
 * and the columns of each kind with its name in front (`bid_price`), NULL in events of another kind.
 */
export const NEXMARK_COLUMNS: Readonly<Record<'all' | 'person' | 'auction' | 'bid', readonly GeneratedColumn[]>> = {
  person: plain(PERSON),
  auction: plain(AUCTION),
  bid: plain(BID),
  all: [
    { name: 'event_type', type: INTEGER, nullable: false },
    { name: 'dateTime', type: TIMESTAMP, nullable: false },
    ...prefixed('person', PERSON),
    ...prefixed('auction', AUCTION),
    ...prefixed('bid', BID),
  ],
};
