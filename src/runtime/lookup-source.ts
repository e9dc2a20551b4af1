// The source of a lookup table: read whole before the first row of any other source, and again when it is to be.
//
//   refresh   it has changed, and was the same at two looks: what is still being written is left alone
//   ttl       its rows are too old
//
// Reading it again takes place between two batches of the stream; where other cores look into it, too, between two chunks of
// theirs (lookups/given-tables.ts). When that fails, the rows stay as they were, and the
// user is told; the next change is another try.

import { LaminarError } from '../base/errors.ts';
import type { SplitReader } from '../connectors/connector.ts';
import type { LookupAge } from '../plan/lookup-node.ts';
import { waitReadable } from '../platform/poll.ts';
import type { Control } from './control.ts';
import type { TableGiver } from './lookups/given-tables.ts';
import type { BlockWriter, Stateful } from './operators/operator.ts';
import type { SourceTask } from './source-task.ts';
import type { Task } from './urgency.ts';

/** Sleep while a pipe gives nothing, ms. */
const WAIT_MILLIS = 10;

/** Takes the rows of a table; its source's end is that they are complete. */
export interface TableKeeper extends Stateful {
  /** The rows since the last end are not used. */
  abandon(): void;
  /** Writes the rows that are in use. */
  image(write: BlockWriter): void;
  /** Has only the rows that `image` of another has written. */
  load(blocks: readonly Uint8Array[]): void;
}

export function isTableKeeper(operator: Stateful): operator is TableKeeper {
  return 'abandon' in operator;
}

export interface LookupSourceParts {
  source: SourceTask;
  age: LookupAge;
  keepers: readonly TableKeeper[];
  /** Gives it to the other cores; null: none of them looks into it. */
  giver: TableGiver | null;
  control: Control;
  /** Opens it as it is now. @throws LaminarError */
  open: () => SplitReader[];
  /** What it is like now; null: not there. */
  mark: () => string | null;
  notify: (text: string) => void;
  /** Milliseconds of the wall clock. */
  now: () => number;
}

export class LookupSource implements Task {
  readonly #parts: LookupSourceParts;
  #isRead = false;
  /** It is to be read again. */
  #isWanted = false;
  /** What it was like when it was read, and at the last look. */
  #readMark: string | null = null;
  #seenMark: string | null = null;
  /** When it was read, and looked at; numbers in fields may become objects. */
  readonly #times = new Float64Array(2);

  constructor(parts: LookupSourceParts) {
    this.#parts = parts;
  }

  /** Reads it the first time, and later when it is time to. @throws LaminarError when it cannot be read the first time. */
  run(): boolean {
    const { giver, keepers } = this.#parts;
    if (!this.#isRead) {
      this.#isRead = true;
      this.#markRead();
      this.#read();
      giver?.release(keepers[0] ?? null);
      return true;
    }
    const { refreshMicros, ttlMicros } = this.#parts.age;
    if (refreshMicros === 0 && ttlMicros === 0) return false;
    if (!this.#isWanted && !this.#isDue(this.#parts.now())) return false;
    this.#isWanted = giver?.hold() === false;
    if (!this.#isWanted) this.#readAgain();
    return true;
  }

  close(): void {
    this.#parts.source.close();
  }

  #isDue(now: number): boolean {
    const { refreshMicros, ttlMicros } = this.#parts.age;
    const times = this.#times;
    if (ttlMicros > 0 && (now - (times[0] as number)) * 1000 > ttlMicros) return true;
    if (refreshMicros === 0 || (now - (times[1] as number)) * 1000 < refreshMicros) return false;
    times[1] = now;
    const mark = this.#parts.mark();
    const isStable = mark === this.#seenMark;
    this.#seenMark = mark;
    return mark !== null && isStable && mark !== this.#readMark;
  }

  #markRead(): void {
    this.#times.fill(this.#parts.now());
    this.#readMark = this.#parts.mark();
    this.#seenMark = this.#readMark;
  }

  #readAgain(): void {
    const { source, keepers, giver, open, notify } = this.#parts;
    this.#markRead();
    try {
      source.reopen(open());
      this.#read();
      giver?.release(keepers[0] ?? null);
    } catch (error) {
      if (!(error instanceof LaminarError)) throw error;
      for (const keeper of keepers) keeper.abandon();
      giver?.release(null);
      const { name } = source.node;
      notify(`lookup table ${name} stays as it was, for it cannot be read again: ${error.message}`);
    }
  }

  #read(): void {
    const { source, control } = this.#parts;
    const descriptors: number[] = [];
    while (!source.isEnded) {
      if (source.turn() || source.isEnded) continue;
      if (control.isStopping) {
        source.end();
        return;
      }
      descriptors.length = 0;
      source.addWaitDescriptors(descriptors);
      if (descriptors.length === 0) control.sleep(WAIT_MILLIS);
      else waitReadable(descriptors, WAIT_MILLIS);
    }
  }
}
