// Options of sources with a watermark, as plain data: what the binder checks and completes, and what the docs print.
// They are fields of the plan's source node.

import { FUTURE_MICROS_DEFAULT, MERGED_SPLITS_MAX } from '../base/limits.ts';
import type { OptionSpec } from './option-spec.ts';

export const TIME_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'max_future',
    type: { kind: 'duration' },
    default: FUTURE_MICROS_DEFAULT,
    doc: 'How far ahead of the clock an event time may be and still move the watermark; 0 switches the guard off.',
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
];
