// Options of sources with a watermark, as plain data: what the binder checks and completes, and what the docs print.
// They are fields of the plan's source node.

import {
  ALIGNMENT_MICROS_DEFAULT,
  FUTURE_MICROS_DEFAULT,
  MERGED_SPLITS_MAX,
  WATERMARK_KEYS_DEFAULT,
} from '../base/limits.ts';
import type { OptionSpec } from './option-spec.ts';

/** What only a watermark by key has. */
export const KEYED_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'watermark_key',
    type: { kind: 'text' },
    default: null,
    doc: 'The columns of the key, separated by commas.',
  },
  {
    name: 'watermark_keys_max',
    type: { kind: 'integer', minimum: 1 },
    default: WATERMARK_KEYS_DEFAULT,
    doc: 'How many keys are known at once.',
  },
  {
    name: 'watermark_key_eviction',
    type: { kind: 'choice', of: ['least_recent', 'lowest', 'none'] },
    default: 'least_recent',
    doc: 'Which key makes room for one too many: the one whose last row is the longest ago, the one with the lowest watermark, or none: then the run fails. A forgotten key that comes again is a new one.',
  },
  {
    name: 'watermark_key_idle',
    type: { kind: 'duration' },
    default: 0,
    doc: 'A key that is so far behind the foremost one, in event time, holds the watermark back no longer; 0: however far it is.',
  },
];

/** Of sources that keep near to each other in event time. */
export const ALIGNMENT_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'alignment_group',
    type: { kind: 'text' },
    default: null,
    doc: 'Sources with the same name here keep near to each other: what one is ahead need not be kept for long.',
  },
  {
    name: 'alignment_max_drift',
    type: { kind: 'duration' },
    default: ALIGNMENT_MICROS_DEFAULT,
    doc: 'How far the watermark of this source may be ahead of the least of the others. Others that are idle, have ended or have given nothing yet do not count.',
  },
  {
    name: 'alignment_mode',
    type: { kind: 'choice', of: ['pause', 'warn', 'drop'] },
    default: 'pause',
    doc: 'What happens when it is further ahead: pause stops reading it until the others have come near, warn says so once and counts, drop leaves out and counts the rows that are too far ahead. Looked at between batches; with drop between rows, one of each source in turn, which is slower.',
  },
];

export const TIME_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'max_future',
    type: { kind: 'duration' },
    default: FUTURE_MICROS_DEFAULT,
    doc: 'How far ahead of the clock an event time may be and still move the watermark; 0 switches the guard off.',
  },
  {
    name: 'watermark_records',
    type: { kind: 'boolean' },
    default: false,
    doc: 'Whether JSON records that have the column of the watermark, and no event time, are watermarks and no rows.',
  },
  {
    name: 'idle_timeout',
    type: { kind: 'duration' },
    default: 0,
    doc: 'How long the source, or one of its merged files, may give nothing before others are no longer held back by its watermark; what it gives after that may be late. 0 waits for ever.',
  },
  {
    name: 'splits',
    type: { kind: 'choice', of: ['auto', 'merged', 'sequential'] },
    default: 'auto',
    doc: `How several files are read: merged opens all (up to ${MERGED_SPLITS_MAX}) and takes the next row from the one whose watermark is furthest behind, so windows close as the files go on together; sequential reads one after another, and windows close while the last one is read; auto merges where windows wait for the watermark and the files are not too many. Lateness is decided within each file: the result is the same.`,
  },
  {
    name: 'watermark',
    type: { kind: 'choice', of: ['source', 'per_key'] },
    default: 'source',
    doc: 'Whether one watermark speaks for all rows, or one for each key: a row is then late by the rows of its own key, and windows wait for the key that is furthest behind.',
  },
];
