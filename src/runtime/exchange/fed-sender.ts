// The sending half of a join that core 0 feeds (src/plan/fed-exchange.ts): every batch of either input is a chunk, of which
// every owner hears, and so is what becomes of an input: a watermark, its end.
//
//   a batch     begin: which input │ rows │ end          something else     change │ end
//
// Chunks have one ring to each core, so that an owner takes both inputs in the order in which core 0 had them.

import { rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedInputPlan } from '../../plan/exchange.ts';
import type { FedPlan } from '../../plan/fed-exchange.ts';
import { BatchSender } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import * as records from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { RingWriter, type Waiting, waitFor } from '../channels/ring-writer.ts';
import { type Meter, STAMP_CAUSE } from '../meter.ts';
import { KeyRouter } from './key-router.ts';
import { NumberedRows } from './numbered-rows.ts';

export interface FedSenderParts {
  plan: FedPlan;
  link: CoreLink;
  waiting: Waiting;
  meter: Meter;
  /** The run stops behind what has been sent. */
  isUnwanted: () => boolean;
  batchRows: number;
}

/** An input, as it is sent to all cores. */
interface Port {
  router: KeyRouter;
  /** null: nobody asks for numbers. */
  numbers: NumberedRows | null;
  /** By core. */
  senders: BatchSender[];
}

export class FedSender {
  readonly #memory: LinearMemory;
  readonly #parts: FedSenderParts;
  readonly #feed: ChunkFeed;
  /** By core. */
  readonly #writers: RingWriter[];
  readonly #ports: Port[];
  readonly #isNear = (): boolean => !this.#feed.isFarAhead;

  constructor(memory: LinearMemory, parts: FedSenderParts) {
    const { plan, link, waiting, isUnwanted } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#feed = link.feedOf(plan.node.id);
    this.#writers = link.bells.map(
      (_, core) => new RingWriter(link.rowsTo(plan.node.id, 0, core), waiting, isUnwanted),
    );
    this.#ports = plan.inputs.map((input) => this.#createPort(input));
  }

  /** Number of the next chunk. */
  get next(): number {
    return this.#feed.next;
  }

  /** Some owner has not come to the last chunk. */
  get isAhead(): boolean {
    return this.#feed.isAhead;
  }

  /** Sends the rows of a batch of an input to their owners. */
  send(port: number, batch: number): void {
    const memory = this.#memory;
    const writers = this.#writers;
    const { router, numbers, senders } = this.#ports[port] as Port;
    const number = this.#begin();
    for (let core = 0; core < writers.length; core++) {
      const to = (writers[core] as RingWriter).reserve(records.CHUNK_BEGIN, records.CHUNK_BEGIN_BYTES);
      if (to >= 0) this.#parts.link.words[to >>> 2] = port;
    }
    router.sort(batch);
    numbers?.begin(number);
    const sent = numbers === null ? batch : numbers.number(batch, rowCountOf(memory, batch));
    for (let core = 0; core < senders.length; core++) {
      const rows = router.countFor(core);
      if (rows > 0) (senders[core] as BatchSender).sendPicked(sent, router.listFor(core), rows);
      memory.refresh();
    }
    this.#end();
  }

  /** Tells the owners what becomes of an input: FED_*. `cell`: address of its watermark, 0: none. */
  tell(port: number, what: number, cell: number): void {
    const { words } = this.#parts.link;
    this.#begin();
    for (const writer of this.#writers) {
      const to = writer.reserve(records.FED_CHANGE, records.FED_CHANGE_BYTES);
      if (to < 0) continue;
      const at = to >>> 2;
      words[at] = port;
      words[at + 1] = what;
      words[at + 2] = cell === 0 ? 0 : this.#memory.load32(cell);
      words[at + 3] = cell === 0 ? 0 : this.#memory.load32(cell + 4);
    }
    this.#end();
  }

  /** A chunk that is a barrier; `part`: BARRIER_*. */
  cut(checkpoint: number, part: number): void {
    const { words } = this.#parts.link;
    this.#begin();
    for (const writer of this.#writers) {
      const to = writer.reserve(records.CHUNK_BARRIER, records.CHUNK_BARRIER_BYTES);
      if (to < 0) continue;
      words[to >>> 2] = checkpoint;
      words[(to >>> 2) + 1] = part;
      writer.commit();
    }
  }

  /** All inputs have ended. */
  finish(): void {
    this.#feed.setFinished();
    this.#parts.link.ringOthers();
  }

  /** @returns the number of the next chunk, when no owner is far behind it */
  #begin(): number {
    waitFor(this.#parts.waiting, this.#isNear, this.#parts.isUnwanted);
    const number = this.#feed.addEmpty(this.#parts.meter.stamps, STAMP_CAUSE);
    this.#feed.setUsed((number + 1) | 0);
    return number;
  }

  #end(): void {
    for (const writer of this.#writers) {
      writer.reserve(records.OWNED_END, records.OWNED_END_BYTES);
      writer.commit();
    }
  }

  #createPort(input: OwnedInputPlan): Port {
    const memory = this.#memory;
    const { link } = this.#parts;
    const { schema, rows, arrival } = input;
    const batchRows = changeColumnOf(rows) < 0 ? this.#parts.batchRows : Math.max(this.#parts.batchRows, 2);
    return {
      router: new KeyRouter(memory, { input, isOneOfTwo: true, coreCount: link.coreCount, batchRows }),
      numbers: arrival === null ? null : new NumberedRows(memory, input, { arrival, batchRows }),
      senders: this.#writers.map(({ payloadMax, reserve }) => {
        return new BatchSender(memory, link.copier, { schema, absent: null, payloadMax, reserve });
      }),
    };
  }
}
