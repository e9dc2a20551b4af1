// Takes chunks of a shared split into a core's own memory: reads on from where the last chunk ended, whoever took that,
// and cuts behind the last complete record.
//
// A record longer than its limit is kept as far as the limit and the rest of its line left out, so that it is refused
// as too long, whatever its length.
//
// Where records are made, a chunk is a range of their numbers: they are made after the lock has been given back.

import { READ_SLACK } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import { type MadeRecords, READ_END, READ_NOTHING, type SplitReader } from '../../connectors/connector.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Cutting } from '../../formats/format.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import { type Meter, STAMP_NOW } from '../meter.ts';
import { type BytePipe, PUMP_CORE } from './byte-pipe.ts';
import type { ChunkFeed } from './chunk-feed.ts';
import type { Copier } from './copier.ts';
import type { CoreLink } from './core-link.ts';

/** Most records of a chunk that are made, and bytes that they are thought to have, where reads are small. */
const RECORDS_MAX = 4096;
const RECORD_BYTES = 64;

/** A chunk has been taken: it is at [begin, end). */
export const TAKEN = 1;
/** Nothing to take now. */
const TAKEN_NOTHING = 0;
/** The split has no more. */
const TAKEN_END = -1;

export interface TakerParts {
  node: SourceNode;
  meter: Meter;
  /** Of a split that is merged with others; null: there are no others, or they come one after another. */
  lane: number | null;
}

export class ChunkTaker {
  readonly #memory: LinearMemory;
  readonly #feed: ChunkFeed;
  readonly #link: CoreLink;
  readonly #copier: Copier;
  readonly #core: number;
  readonly #meter: Meter;
  readonly #readBytes: number;
  /** A line is too long once this much of it has been read. */
  readonly #bytesMax: number;
  #address = 0;
  #bytes = 0;
  #reader: SplitReader | null = null;
  #split = -1;
  #isPositioned = false;
  #made: MadeRecords | null = null;
  /** What another core decompresses. */
  readonly #pipe: BytePipe | null;
  /** Chunks are taken from it. */
  isPumped = false;
  #throws = false;
  /** Byte of the split at which its first chunk begins; and nobody has been asked yet to decompress it. */
  #from = 0;
  #isUnasked = false;
  /** Numbers of the records of the chunk. */
  readonly #range = { first: 0, end: 0 };
  /** Bytes of a line left out, and where in the chunk. */
  #gap = 0;
  #gapAt = 0;
  begin = 0;
  end = 0;
  /** Number of the chunk. */
  number = -1;
  /** It ends the split. */
  isLast = false;

  constructor(memory: LinearMemory, link: CoreLink, { node, meter, lane }: TakerParts) {
    this.#memory = memory;
    this.#feed = link.feed(node.id, lane);
    this.#link = link;
    this.#copier = link.copier;
    this.#meter = meter;
    this.#core = link.core;
    this.#readBytes = link.chunkBytes;
    this.#pipe = lane === null ? link.pipe(node.id) : null;
    this.#bytesMax = node.maxRecordBytes + this.#readBytes;
  }

  /** Chunks are taken from this split from now on. */
  open(reader: SplitReader, split: number): void {
    // Nobody has read the last one here.
    if (this.isPumped) this.#reader?.close();
    this.#reader = reader;
    this.#split = split;
    const sharing = reader.sharing?.();
    this.#isPositioned = sharing === 'offset';
    this.#made = sharing === 'records' ? (reader.made ?? null) : null;
    this.isPumped = sharing === 'pumped';
    this.#from = 0;
    this.#isUnasked = this.isPumped && this.#core === 0;
  }

  /** Right after `open`: chunks begin at this byte. */
  resume(offset: number): void {
    this.#from = offset;
  }

  /** Has a core decompress the split. */
  #pump(name: string): void {
    assert(this.#pipe !== null, 'a core decompresses for all');
    this.#isUnasked = false;
    this.#pipe.want(this.#split, name, this.#from);
    this.#link.bells[PUMP_CORE]?.ring();
  }

  /** Compressed bytes of the split that have been read, from where it was begun on. */
  get pumpedBytes(): number {
    return this.#pipe?.wantedBytes ?? 0;
  }

  /** All of them; before the split has been asked for, the pipe knows those of the one before. */
  get pumpedBytesOfAll(): number {
    return this.#isUnasked ? 0 : (this.#pipe?.consumedBytes ?? 0);
  }

  /**
   * @param isAhead others come before it: that reading on fails is said when it is the next.
   * @returns TAKEN, TAKEN_NOTHING or TAKEN_END. @throws what reading throws.
   */
  take(cutting: Cutting, isAhead = false): number {
    if (this.#isUnasked) this.#pump((this.#reader as SplitReader).name);
    this.#throws = !isAhead && this.#core === 0;
    if (this.#feed.isFarAhead) return TAKEN_NOTHING;
    const taken = this.#takeLocked(cutting);
    if (taken === TAKEN && this.#made !== null) this.#make(this.#made);
    return taken;
  }

  /** Byte of the chunk that is at an address. */
  offsetOf(address: number): number {
    const at = address - this.begin;
    return at + (at >= this.#gapAt ? this.#gap : 0);
  }

  #takeLocked(cutting: Cutting): number {
    this.#feed.lock();
    try {
      if (this.#feed.isDrained) return TAKEN_END;
      if (!this.#feed.mayTake(this.#core)) return TAKEN_NOTHING;
      const mayTake = this.#core === 0 || (this.#feed.isOpen && this.#feed.split === this.#split);
      if (!mayTake) return TAKEN_NOTHING;
      return this.#made === null ? this.#take(cutting) : this.#takeRange(this.#made);
    } finally {
      this.#feed.unlock();
    }
  }

  /** Takes the numbers of the next records, of those that are due. */
  #takeRange(made: MadeRecords): number {
    const first = this.#feed.offset;
    if (first >= made.count) {
      this.#feed.setDrained();
      return TAKEN_END;
    }
    const records = Math.max(1, Math.min(RECORDS_MAX, Math.floor(this.#readBytes / RECORD_BYTES)));
    const end = Math.min(first + records, made.isTimed ? this.#due(made) : made.count);
    if (end <= first) return TAKEN_NOTHING;
    this.#range.first = first;
    this.#range.end = end;
    this.#addChunk(end - first, end === made.count);
    return TAKEN;
  }

  /** How many records are due. The clock is a number that becomes an object: it is only looked at where a rate asks. */
  #due(made: MadeRecords): number {
    const millis = Date.now();
    return made.dueAfter(millis - this.#feed.startedAt(millis));
  }

  #make(made: MadeRecords): void {
    const count = this.#makeRange(made);
    this.begin = this.#address;
    this.end = this.#address + count;
    this.#gapAt = Number.POSITIVE_INFINITY;
    this.#feed.setBytes(this.number, count);
  }

  /** Makes the records of `#range` at `#address`. @returns their bytes */
  #makeRange(made: MadeRecords): number {
    const range = this.#range;
    let count = 0;
    while (range.first < range.end) {
      this.#makeRoom(count + made.recordBytes, count);
      count += made.make(range, this.#address + count, this.#bytes - READ_SLACK - count);
      range.first = made.next;
    }
    return count;
  }

  #take(cutting: Cutting): number {
    let count = this.#takeRest();
    for (;;) {
      const read = this.#read(count);
      if (read === READ_NOTHING) {
        this.#leaveRest(this.#address, count);
        this.#feed.restGap = this.#gap;
        return TAKEN_NOTHING;
      }
      if (read === READ_END) return this.#finish(count);
      const before = count;
      count += read;
      let cut = this.#cut(cutting, count);
      if (cut === 0 && this.#openLine(count) > this.#bytesMax) {
        count = this.#leaveOut(before, count);
        cut = this.#cut(cutting, count);
      }
      if (cut > 0) return this.#cutAt(cut, count);
    }
  }

  /** Bytes behind the last newline. */
  #openLine(count: number): number {
    const end = this.#address + count;
    return count > this.#bytesMax ? end - (this.#memory.kernels.lastLineEnd(this.#address, end) >>> 0) : 0;
  }

  #cut(cutting: Cutting, count: number): number {
    const cut = cutting.cut(this.#address, this.#address + count);
    this.#memory.refresh();
    return cut;
  }

  /** What was read behind the last chunk of an input that goes on only. */
  #takeRest(): number {
    const count = this.#isPositioned ? 0 : this.#feed.restBytes;
    this.#gap = this.#feed.restGap;
    this.#gapAt = this.#gap === 0 ? Number.POSITIVE_INFINITY : this.#feed.restBytes;
    this.#makeRoom(count + this.#readBytes, 0);
    if (count > 0) this.#copier.receive(this.#address, this.#feed.restAddress, count);
    return count;
  }

  #leaveRest(from: number, count: number): void {
    if (this.#isPositioned) return;
    this.#copier.send(this.#feed.restAddress, from, count);
    this.#feed.restBytes = count;
  }

  #read(count: number): number {
    this.#makeRoom(count + this.#readBytes, count);
    const reader = this.#reader as SplitReader;
    const to = this.#address + count;
    const read = this.isPumped ? this.#takePumped(to) : this.#readFrom(reader, to, count);
    this.#memory.refresh();
    return read;
  }

  #readFrom(reader: SplitReader, to: number, count: number): number {
    if (!this.#isPositioned) return reader.read(this.#memory, to, this.#readBytes);
    return reader.readAt?.(this.#memory, to, this.#readBytes, this.#feed.offset + count + this.#gap) ?? READ_END;
  }

  #takePumped(to: number): number {
    const count = this.#pipe?.take(to, this.#readBytes, this.#throws) ?? READ_END;
    if (count > 0) this.#link.bells[PUMP_CORE]?.ring();
    return count;
  }

  #finish(count: number): number {
    this.#feed.restBytes = 0;
    if (count === 0) {
      this.#feed.setDrained();
      return TAKEN_END;
    }
    return this.#takeTo(count, true);
  }

  #cutAt(cut: number, count: number): number {
    this.#leaveRest(this.#address + cut, count - cut);
    return this.#takeTo(cut, false);
  }

  #takeTo(count: number, isLast: boolean): number {
    this.begin = this.#address;
    this.end = this.#address + count;
    this.#addChunk(count + this.#gap, isLast);
    this.#feed.restGap = 0;
    return TAKEN;
  }

  #addChunk(length: number, isLast: boolean): void {
    this.isLast = isLast;
    this.#meter.look(STAMP_NOW);
    this.#feed.noteRead(this.#meter.stamps, STAMP_NOW);
    this.number = this.#feed.add(this.#core, length, isLast);
  }

  /** A line is too long: forgets what was read of it last, up to its newline. @returns bytes that are left. */
  #leaveOut(before: number, count: number): number {
    const { u8 } = this.#memory;
    const newline = u8.subarray(this.#address + before, this.#address + count).indexOf(10);
    const from = newline < 0 ? count : before + newline;
    u8.copyWithin(this.#address + before, this.#address + from, this.#address + count);
    this.#gapAt = before;
    this.#gap += from - before;
    return count - (from - before);
  }

  /** Makes the buffer at least so long, keeping its first bytes. */
  #makeRoom(bytes: number, keep: number): void {
    const needed = bytes + READ_SLACK;
    if (needed <= this.#bytes) return;
    const size = 2 ** Math.ceil(Math.log2(needed));
    const address = this.#memory.allocate(size);
    if (keep > 0) this.#memory.u8.copyWithin(address, this.#address, this.#address + keep);
    if (this.#bytes > 0) this.#memory.kernels.release(this.#address, this.#bytes);
    this.#address = address;
    this.#bytes = size;
  }
}

/** What makes the records of a split that is shared so; null: it is read. */
export function madeBy(reader: SplitReader): MadeRecords | null {
  return reader.sharing?.() === 'records' ? (reader.made ?? null) : null;
}

/** Right after `begin`: goes on behind so many records, with what is due now. */
export function beginMade(feed: ChunkFeed, made: MadeRecords, count: number): void {
  const record = made.numberAfter(count);
  feed.begin(feed.split, record);
  if (made.isTimed) feed.setStarted(Date.now() - made.dueAt(record));
}
