// NEXMARK: a source of auction events (kernels/nexmark.ts). Only the fields that the plan reads are written.
//
// Options: events, rate, event_rate, seed, kind, base_time (src/plan/connector-specs.ts).

import {
  MAKER_NEXT,
  MAKER_SEED,
  NEXMARK_AUCTION,
  NEXMARK_AUCTIONS,
  NEXMARK_BASE_MILLIS,
  NEXMARK_BID,
  NEXMARK_CYCLE,
  NEXMARK_EVENT_RATE,
  NEXMARK_FIELD_COUNT,
  NEXMARK_KINDS,
  NEXMARK_PERSON,
  NEXMARK_RECORD_BYTES,
  NEXMARK_TEXT_COUNT,
  NEXMARK_TEXTS,
  NEXMARK_UNIT_MICROS,
  TEXT_SLOT_BYTES,
  TEXT_SLOT_LENGTH,
} from '../../kernels/layout-makers.ts';
import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import { NEXMARK_COLUMNS } from '../plan/connector-specs.ts';
import type { EndpointSpec } from '../plan/node.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { SplitReader } from './connector.ts';
import { numberOption, storeSeed, UNIT_MICROS } from './made-records.ts';
import { nexmarkWords } from './nexmark-words.ts';
import { RecordMaker } from './record-maker.ts';

/** Events per second of event time when neither `event_rate` nor `rate` says it: as published. */
const EVENT_RATE_DEFAULT = 10_000;

/** The first event of a kind in a cycle, and how many of them there are. */
const PLACES = {
  person: [0, 1],
  auction: [1, NEXMARK_AUCTIONS],
  bid: [1 + NEXMARK_AUCTIONS, NEXMARK_CYCLE - NEXMARK_AUCTIONS - 1],
} as const;

const KINDS = { person: NEXMARK_PERSON, auction: NEXMARK_AUCTION, bid: NEXMARK_BID } as const;

/** Opens the source: one split. */
export function openNexmark(
  spec: EndpointSpec,
  context: { node: SourceNode; memory: LinearMemory; now: () => number },
): SplitReader {
  const { node, memory, now } = context;
  const kind = (spec.options.kind ?? 'all') as keyof typeof NEXMARK_COLUMNS;
  const rate = numberOption(spec, 'rate', 0);
  const state = memory.allocateZeroed(NEXMARK_TEXTS + NEXMARK_TEXT_COUNT * TEXT_SLOT_BYTES);
  const store = (offset: number, value: number) => {
    memory.f64[(state + offset) >>> 3] = value;
  };
  store(MAKER_NEXT, 0);
  storeSeed(memory, state + MAKER_SEED, numberOption(spec, 'seed', 1));
  memory.store32(state + NEXMARK_KINDS, kind === 'all' ? NEXMARK_PERSON | NEXMARK_AUCTION | NEXMARK_BID : KINDS[kind]);
  memory.store32(state + NEXMARK_UNIT_MICROS, UNIT_MICROS[unitOfTimes(node)]);
  store(NEXMARK_BASE_MILLIS, Math.floor(numberOption(spec, 'base_time', 0) / 1000));
  store(NEXMARK_EVENT_RATE, numberOption(spec, 'event_rate', 0) || rate || EVENT_RATE_DEFAULT);
  for (const [slot, text] of [...fieldKeys(kind, node), ...nexmarkWords()]) storeText(memory, state, slot, text);
  return new RecordMaker(memory, {
    name: 'nexmark',
    fill: memory.kernels.nexmarkFill,
    state,
    recordBytes: 2 * NEXMARK_RECORD_BYTES,
    numberAfter: (count) => eventAfter(kind, count),
    eventCount: numberOption(spec, 'events', 0) || Number.POSITIVE_INFINITY,
    rate,
    now,
  });
}

/** The number behind that of the last of so many events of a kind. */
function eventAfter(kind: keyof typeof NEXMARK_COLUMNS, count: number): number {
  if (kind === 'all' || count === 0) return count;
  const [first, size] = PLACES[kind];
  return Math.floor((count - 1) / size) * NEXMARK_CYCLE + first + ((count - 1) % size) + 1;
}

/** `,"name":` for every field that the plan reads, in the order of the slots. */
function fieldKeys(kind: keyof typeof NEXMARK_COLUMNS, node: SourceNode): [slot: number, text: string][] {
  const wanted = new Set(node.fields.map((field) => String(field.path[0] ?? '')));
  const wantsRecord = wanted.has('');
  const keys: [number, string][] = [];
  let slot = 1;
  const add = (name: string, isText: boolean) => {
    if (wantsRecord || wanted.has(name)) keys.push([slot, `,${JSON.stringify(name)}:${isText ? '"' : ''}`]);
    slot++;
  };
  for (const event of ['person', 'auction', 'bid'] as const) {
    for (const column of NEXMARK_COLUMNS[event]) {
      const name = kind === 'all' && column.name !== 'dateTime' ? `${event}_${column.name}` : column.name;
      add(name, column.type.kind === 'VARCHAR');
    }
  }
  assert(slot === NEXMARK_FIELD_COUNT, 'the layout has a slot for every field');
  slot = 0;
  if (kind === 'all') add('event_type', false);
  return keys;
}

/** Times are written in the unit that their columns are read in. */
function unitOfTimes(node: SourceNode): keyof typeof UNIT_MICROS {
  const index = node.schema.findIndex((column) => column.type.kind === 'TIMESTAMP' && column.hidden !== true);
  return node.fields[index]?.timestampUnit ?? 'ms';
}

function storeText(memory: LinearMemory, state: number, slot: number, text: string): void {
  const address = state + NEXMARK_TEXTS + slot * TEXT_SLOT_BYTES;
  assert(text.length <= TEXT_SLOT_LENGTH, `${text} fits a slot`);
  for (let i = 0; i < text.length; i++) memory.u8[address + i] = text.charCodeAt(i);
  memory.u8[address + TEXT_SLOT_LENGTH] = text.length;
}
