// An input that cannot be read a second time, read through a log (src/state/input-log.ts), so that it can.
//
//   replay ──► │        what an earlier run had read and the log has, from where that run was
//   input  ──► │ read   then what comes: each read goes into the log's ring too
//              ╰──────► log
//
// The main thread fills `replay`; a thread of its own writes the log (log-worker.ts), giving room in its ring back when
// the bytes are in a file. When `isSynchronous`, they are given out of the ring once they are on the disk: while the
// disk is busy with some, the next are read, which then come there together.
//
// Where the cores read an input in turns, each has such a reader; what they have to know of each other is in the channel.

import { assert } from '../base/assert.ts';
import { READ_END, READ_NOTHING, type Replay, type Sharing, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { LoggedSpan } from '../state/input-log.ts';
import { ByteRing } from './channels/byte-ring.ts';
import { LogChannel, type LogChannelBuffers } from './channels/log-channel.ts';

/** How long a read waits for another thread before the core looks at what else is to be done, ms. */
const WAIT_MILLIS = 10;

/** What a core is given of the log of a source. */
export interface LogRequest {
  log: LogChannelBuffers;
  replay: SharedArrayBuffer;
  /** What is replayed: from where the earlier run was to the end of the log. */
  span: LoggedSpan;
  isSynchronous: boolean;
}

/** Readers of a source, read through its log if it has one. */
export function throughLog(readers: SplitReader[], log: LogRequest | undefined): SplitReader[] {
  return log === undefined ? readers : readers.map((reader) => new LoggedReader(reader, log));
}

export class LoggedReader implements SplitReader {
  readonly name: string;
  readonly #input: SplitReader;
  readonly #log: LogChannel;
  readonly #replay: ByteRing;
  /** Where the replay ends. */
  readonly #end: number;
  readonly #isSynchronous: boolean;
  #hasEnded = false;

  constructor(input: SplitReader, { log, replay, span, isSynchronous }: LogRequest) {
    this.name = input.name;
    this.#input = input;
    this.#log = new LogChannel(log);
    this.#replay = new ByteRing(replay);
    this.#end = span.end;
    this.#isSynchronous = isSynchronous;
  }

  get sizeBytes(): number | null {
    return this.#input.sizeBytes;
  }

  get consumedBytes(): number {
    return this.#log.offset;
  }

  get waitDescriptor(): number | null {
    return this.#isReplaying ? null : this.#input.waitDescriptor;
  }

  /** Its bytes are the log's: whatever the input is now, it goes on behind them. */
  get replay(): Replay {
    return { identify: () => 'log', isSame: (identity) => identity === 'log' };
  }

  /** What one core reads goes into the log before what the next one does. */
  sharing(): Sharing | null {
    return this.#input.sharing?.() === 'turns' ? 'turns' : null;
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    const count = this.#readNow(memory, address, bytes);
    if (count > 0) this.#log.offset += count;
    return count;
  }

  seek(offset: number): void {
    assert(offset === this.#log.offset, 'the replay begins where the earlier run was');
  }

  /** The main thread closes the rings: other cores may be reading. */
  close(): void {
    this.#input.close();
  }

  get #isReplaying(): boolean {
    return this.#log.offset < this.#end;
  }

  #readNow(memory: LinearMemory, address: number, bytes: number): number {
    if (this.#isReplaying) return this.#readAgain(memory, address, bytes);
    if (this.#isSynchronous) return this.#readDurable(memory, address, bytes);
    return this.#log.ring.waitForRoom(bytes, WAIT_MILLIS) ? this.#readOn(memory, address, bytes) : READ_NOTHING;
  }

  #readAgain(memory: LinearMemory, address: number, bytes: number): number {
    if (!this.#replay.waitForBytes(WAIT_MILLIS)) return READ_NOTHING;
    const piece = this.#replay.peek(bytes);
    memory.u8.set(piece, address);
    this.#replay.release(piece.length);
    return piece.length;
  }

  #readOn(memory: LinearMemory, address: number, bytes: number): number {
    const count = this.#input.read(memory, address, bytes);
    if (count > 0) this.#log.write(memory.u8, address, count);
    return count;
  }

  /** One read ahead, as far as there is room beside what was not given yet. */
  #readDurable(memory: LinearMemory, address: number, bytes: number): number {
    const { ring } = this.#log;
    while (!ring.isClosed) {
      const { given } = this.#log;
      const waiting = (ring.written - given) >>> 0;
      const isRoom = !this.#hasEnded && waiting + bytes <= ring.capacity;
      const count = isRoom ? this.#readOn(memory, address, bytes) : READ_NOTHING;
      if (count === READ_END) this.#hasEnded = true;
      const ready = Math.min(this.#log.durableBehind(given), bytes);
      if (ready > 0) return this.#give(memory, address, ready);
      if (count > 0) continue;
      if (waiting === 0) return this.#hasEnded ? READ_END : READ_NOTHING;
      this.#log.waitUntilDurable(given, WAIT_MILLIS);
    }
    return READ_NOTHING;
  }

  #give(memory: LinearMemory, address: number, bytes: number): number {
    const { ring, given } = this.#log;
    ring.copyAt(given, memory.u8, address, bytes);
    this.#log.given = (given + bytes) | 0;
    return bytes;
  }
}
