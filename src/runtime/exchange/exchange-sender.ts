// The sending half of an exchange: the end of the chain on every core that decodes. Each row goes to the core that owns
// it, which may be this one; every owner hears of every chunk, though it may have no row for it.
//
// Where cores group what they decode, rows are taken at once when all chunks before have been, which is usual: it is
// known then whether they are late. What core 0 reads alone goes to all in turn.

import { rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangeInput, ExchangePlan } from '../../plan/exchange.ts';
import { BatchSender } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import {
  CHUNK_BARRIER,
  CHUNK_BARRIER_BYTES,
  CHUNK_BEGIN,
  CHUNK_BEGIN_BYTES,
  OWNED_END,
  OWNED_END_BYTES,
  ROWS,
} from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { RingWriter, type Waiting } from '../channels/ring-writer.ts';
import type { Input } from '../operators/operator.ts';
import { KeyRouter } from './key-router.ts';
import { NumberedRows } from './numbered-rows.ts';
import type { Owner } from './owner.ts';

export interface ExchangeSenderParts {
  /** Id of the node that is computed. */
  node: string;
  input: ExchangeInput;
  /** Which of the inputs it is. */
  index: number;
  /** There is another input. */
  isOneOfTwo: boolean;
  link: CoreLink;
  waiting: Waiting;
  /** Takes the rows of this core. */
  owner: Pick<Owner, 'takeNow'>;
  by: ExchangePlan['by'];
  /** The run stops behind what has been sent. */
  isUnwanted: () => boolean;
  batchRows: number;
}

interface Target {
  writer: RingWriter;
  sender: BatchSender;
}

export class ExchangeSender implements Input {
  readonly #memory: LinearMemory;
  readonly #parts: ExchangeSenderParts;
  readonly #targets: Target[];
  readonly #router: KeyRouter;
  /** null: rows are sent as they are. */
  readonly #numbers: NumberedRows | null;
  /** The chunk that is being sent, and which core takes all of it where that is one. */
  #chunk = 0;
  #taker = 0;
  /** The run is over: nobody wants any more. */
  isRefused = false;

  constructor(memory: LinearMemory, parts: ExchangeSenderParts) {
    const { node, input, index, isOneOfTwo, link, waiting, isUnwanted, batchRows } = parts;
    const { schema, arrival } = input;
    this.#memory = memory;
    this.#parts = parts;
    this.#targets = link.bells.map((_, core) => {
      const writer = new RingWriter(link.rowsTo(node, index, core), waiting, isUnwanted);
      const { payloadMax, reserve } = writer;
      const shape = { schema, absent: null, payloadMax, reserve };
      return { writer, sender: new BatchSender(memory, link.copier, shape) };
    });
    this.#router = new KeyRouter(memory, { input, isOneOfTwo, coreCount: link.coreCount, batchRows });
    this.#numbers = arrival === null ? null : new NumberedRows(memory, input, { arrival, batchRows });
  }

  process(batch: number): void {
    if (this.#parts.by === 'partials') {
      this.#sendWhole(batch);
      return;
    }
    const memory = this.#memory;
    const targets = this.#targets;
    const router = this.#router;
    router.sort(batch);
    const sent = this.#numbers === null ? batch : this.#numbers.number(batch, rowCountOf(memory, batch));
    for (let core = 0; core < targets.length; core++) {
      const rows = router.countFor(core);
      if (rows === 0) continue;
      const { sender } = targets[core] as Target;
      if (!sender.sendPicked(sent, router.listFor(core), rows)) this.isRefused = true;
      memory.refresh();
    }
  }

  /** Before the first chunk: others have been numbered by the run that this one goes on with. */
  goOn(first: number): void {
    this.#numbers?.goOn(first);
  }

  /** A chunk of a split begins; `split`: −1 when core 0 reads alone. */
  begin(split: number, chunk: number): void {
    const { words, core, coreCount } = this.#parts.link;
    this.#chunk = chunk;
    this.#taker = split < 0 ? (chunk >>> 0) % coreCount : core;
    this.#numbers?.begin(chunk);
    for (const { writer } of this.#targets) {
      const to = writer.reserve(CHUNK_BEGIN, CHUNK_BEGIN_BYTES);
      if (to < 0) this.isRefused = true;
      else words[to >>> 2] = split;
    }
  }

  /**
   * It has ended. `flags`: OWNED_*; `cell`: address of the watermark that its rows alone have, 0: none. This core hears
   * of it last: what closes then may have to wait for the others' results, and they for this.
   */
  end(flags: number, cell: number): void {
    const { words, core } = this.#parts.link;
    const targets = this.#targets;
    for (let i = 1; i <= targets.length; i++) {
      const { writer } = targets[(core + i) % targets.length] as Target;
      const to = writer.reserve(OWNED_END, OWNED_END_BYTES);
      if (to < 0) {
        this.isRefused = true;
        continue;
      }
      const at = to >>> 2;
      words[at] = flags;
      words[at + 2] = cell === 0 ? 0 : this.#memory.load32(cell);
      words[at + 3] = cell === 0 ? NO_WATERMARK_HIGH : this.#memory.load32(cell + 4);
      writer.commit();
    }
  }

  /** On the first core, between two chunks of its own: a chunk that is a barrier. @returns its number */
  cut(feed: ChunkFeed, checkpoint: number, part: number): number {
    const { words, core } = this.#parts.link;
    const targets = this.#targets;
    const number = feed.addEmpty();
    for (let i = 1; i <= targets.length; i++) {
      const { writer } = targets[(core + i) % targets.length] as Target;
      const to = writer.reserve(CHUNK_BARRIER, CHUNK_BARRIER_BYTES);
      if (to < 0) {
        this.isRefused = true;
        continue;
      }
      words[to >>> 2] = checkpoint;
      words[(to >>> 2) + 1] = part;
      writer.commit();
    }
    return number;
  }

  /** Rows are sent as they come. */
  flush(): void {
    for (const { writer } of this.#targets) writer.commit();
  }

  #sendWhole(batch: number): void {
    const { link, owner, index } = this.#parts;
    const { writer, sender } = this.#targets[this.#taker] as Target;
    if (this.#taker === link.core) {
      writer.commit();
      if (owner.takeNow(index, this.#chunk, batch)) {
        this.#memory.refresh();
        return;
      }
    }
    if (!sender.send(batch, ROWS)) this.isRefused = true;
    this.#memory.refresh();
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {}
}

/** High word of i64's minimum: there is no watermark. */
const NO_WATERMARK_HIGH = -(2 ** 31);
