// Lookup tables whose rows every core has, for its chains look into them: read by the first core, given to the others.
//
//   first core     files ─► its own lookups ─► image ─► port of each other core     tables are numbered as they are given
//   other cores    take a chunk ─► take the tables up to the number of its feed ─► decode the chunk, look up
//
// Before files are read again no chunk is handed out until all that were taken have been used. So of the rows of a source
// all before some chunk have found the old table and all from there on the new one, whoever decoded them.
//
// A table that would take too much memory so often is kept by the first core alone, which then takes all chunks.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { GIVEN_TABLES_SHARE } from '../../base/limits.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OPERATOR_STATE_BYTES } from '../counters.ts';
import type { TableKeeper } from '../lookup-source.ts';

/** Bytes of a memory for some blocks of an image. */
const ROOM_BYTES = 1 << 22;

/** What is sent of a table: blocks of its image, in shared memory that nobody writes any more. */
interface GivenTable {
  number: number;
  /** Id of its source. */
  id: string;
  blocks: Uint8Array[];
}

/** A source whose chain looks into a table, as all cores read it. */
export interface GivenTo {
  feed: ChunkFeed;
  /** Nobody reads it any more. */
  isEnded: () => boolean;
}

export interface TableGiverParts {
  id: string;
  name: string;
  /** Where the other cores hear of it. */
  ports: readonly MessagePort[];
  sources: readonly GivenTo[];
  /** Bytes that all cores may take. */
  memoryBytes: number;
  /** Of all tables. */
  given: GivenSoFar;
  /** Wakes the other cores. */
  wake: () => void;
  notify: (text: string) => void;
}

export interface GivenSoFar {
  /** Number of the last one. */
  last: number;
  /** Bytes of each on the first core, by id. */
  bytes: Map<string, number>;
}

/** A table on the first core. */
export class TableGiver {
  readonly #parts: TableGiverParts;
  #isKept = false;
  #isHolding = false;

  constructor(parts: TableGiverParts) {
    this.#parts = parts;
    // Nobody takes a chunk before the table has been read: a source that is gone on with is open at once.
    this.hold();
  }

  /** Has no more chunks handed out. @returns whether all that were taken have been used. */
  hold(): boolean {
    let isUsed = true;
    for (const { feed, isEnded } of this.#parts.sources) {
      if (!this.#isHolding) feed.hold();
      if (!feed.isUsed && !isEnded()) isUsed = false;
    }
    this.#isHolding = true;
    return isUsed;
  }

  /** Chunks are handed out again; `keeper` has rows for them, null: the same as before. */
  release(keeper: TableKeeper | null): void {
    if (keeper !== null) this.#give(keeper);
    for (const { feed } of this.#parts.sources) feed.release();
    this.#isHolding = false;
    this.#parts.wake();
  }

  #give(keeper: TableKeeper): void {
    const { id, ports, sources, given } = this.#parts;
    given.bytes.set(id, keeper.stateBytes());
    if (this.#keeps()) return;
    given.last++;
    const table: GivenTable = { number: given.last, id, blocks: imageOf(keeper) };
    for (const port of ports) port.postMessage(table);
    for (const { feed } of sources) feed.tables = given.last;
  }

  /** Whether it is, or was, too large to be given. */
  #keeps(): boolean {
    const { name, ports, sources, memoryBytes, given, notify } = this.#parts;
    const bytes = [...given.bytes.values()].reduce((sum, one) => sum + one, 0);
    if (this.#isKept || bytes * ports.length <= memoryBytes * GIVEN_TABLES_SHARE) return this.#isKept;
    this.#isKept = true;
    for (const { feed } of sources) feed.keepToFirst();
    notify(`lookup table ${name} is too large for each core to have a copy: one core decodes what looks into it`);
    return true;
  }
}

/** The tables on another core. */
export class GivenTables {
  readonly #port: MessagePort;
  /** By the id of the table. */
  readonly #lookups = new Map<string, TableKeeper[]>();
  readonly #placeOf: (id: string) => number;
  #number = 0;

  /** @param placeOf where the counters of a node are */
  constructor(port: MessagePort, placeOf: (id: string) => number) {
    this.#port = port;
    this.#placeOf = placeOf;
  }

  /** A lookup into the table of that source. */
  add(id: string, lookup: TableKeeper): void {
    this.#lookups.set(id, [...(this.#lookups.get(id) ?? []), lookup]);
  }

  /** Takes what has been given up to a number. @returns whether that was anything. */
  catchUp(number: number): boolean {
    if (this.#number >= number) return false;
    while (this.#number < number) {
      const received = receiveMessageOnPort(this.#port) as { message: GivenTable } | undefined;
      assert(received !== undefined, 'a table has come before its number');
      const { id, blocks } = received.message;
      for (const lookup of this.#lookups.get(id) ?? []) lookup.load(blocks);
      this.#number = received.message.number;
    }
    return true;
  }

  /** Tells what they take; how many rows there are the first core tells. */
  report(counters: Float64Array): void {
    for (const lookups of this.#lookups.values()) {
      for (const lookup of lookups) counters[this.#placeOf(lookup.id) + OPERATOR_STATE_BYTES] = lookup.stateBytes();
    }
  }

  close(): void {
    for (const lookups of this.#lookups.values()) for (const lookup of lookups) lookup.close();
    this.#port.close();
  }
}

function imageOf(keeper: TableKeeper): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  let room = new Uint8Array(new SharedArrayBuffer(0));
  keeper.image((block) => {
    if (block.length > room.length) room = new Uint8Array(new SharedArrayBuffer(Math.max(block.length, ROOM_BYTES)));
    room.set(block);
    blocks.push(room.subarray(0, block.length));
    room = room.subarray(block.length);
  });
  return blocks;
}
