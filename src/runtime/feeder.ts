// A core beside the first: takes chunks of the shared sources, decodes them, runs the source's chain of maps, and sends
// the rows to the core that uses them.
//
// It knows nothing of the order of chunks or of policies: bad records are sent on like rows, and the watermark of a
// chain is that of the chunk alone. It sleeps when there is no chunk to take or no room in its ring, and ends when the
// run is stopping or its sources have ended.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import type { SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { Cutting, Decoder } from '../formats/format.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { ChainSender } from './chain-sender.ts';
import { BatchSender } from './channels/batch-channel.ts';
import { PUMP_CORE } from './channels/byte-pipe.ts';
import type { ChunkFeed } from './channels/chunk-feed.ts';
import { OWNED_FORWARD, OWNED_STOP, ROWS } from './channels/chunk-records.ts';
import { ChunkSender } from './channels/chunk-sender.ts';
import { beginMade, ChunkTaker, madeBy, TAKEN } from './channels/chunk-taker.ts';
import type { CoreLink } from './channels/core-link.ts';
import { RingWriter, type Waiting } from './channels/ring-writer.ts';
import { type SharedText, shareText } from './chunked-reader.ts';
import type { Control } from './control.ts';
import type { ExchangePort } from './exchange/exchange.ts';
import type { ExchangeGroup } from './exchange/exchange-group.ts';
import type { ExchangeSender } from './exchange/exchange-sender.ts';
import { type FeederChain, runChain } from './feeder-chain.ts';
import type { GivenTables } from './lookups/given-tables.ts';
import type { Meter } from './meter.ts';
import { Pump } from './pump.ts';

export interface FeederParts {
  node: SourceNode;
  decoder: Decoder;
  readers: readonly SplitReader[];
  link: CoreLink;
  control: Control;
  meter: Meter;
  /** Of the source's counters. */
  place: number;
  /** Columns of the rows that are sent. */
  schema: Schema;
  /** null: they are sent as they were decoded. */
  chain: FeederChain | null;
  /** Of the split that it reads, which is merged with others; null: of all splits, one after another. */
  lane: number | null;
  /** Takes the rows of the chain to the cores that own them; null: the first core takes all. */
  port: ExchangePort | null;
  /** What its lookups look into, on a core beside the first; null: nothing. */
  tables: GivenTables | null;
  /** What else this core does while it waits. */
  exchanges: ExchangeGroup;
}

/** One source on a core that decodes for the first. */
export class Feeder {
  /** Of its source. */
  readonly name: string;
  readonly #memory: LinearMemory;
  readonly #parts: FeederParts;
  readonly #cutting: Cutting;
  readonly #feed: ChunkFeed;
  readonly #taker: ChunkTaker;
  readonly #ring: RingWriter;
  readonly #sender: BatchSender;
  /** Sends what there is of a chunk beside its rows. */
  readonly #beside: ChunkSender;
  /** Takes what the chain gives; null without one. */
  readonly #chainSender: ChainSender | ExchangeSender | null;
  /** On the core that decompresses for all. */
  readonly #pump: Pump | null;
  #split = -1;
  /** The split is the last. */
  #isLast = false;
  #isJoined = false;
  #batchCount = 0;
  /** Of the chunk. */
  #rows = 0;
  /** The reader of a split that this core, the first, has to let the others into; null: it has. */
  #unshared: SplitReader | null = null;
  /** The run ends with what this core has sent. */
  #hasStopped = false;

  constructor(memory: LinearMemory, parts: FeederParts) {
    const { node, decoder, link, schema, chain, port, control, lane, exchanges } = parts;
    assert(decoder.cutting !== undefined, `${node.format.kind} can be cut`);
    this.name = node.name;
    this.#memory = memory;
    this.#parts = parts;
    this.#cutting = decoder.cutting;
    this.#feed = link.feed(node.id, lane);
    const isOver = (): boolean => control.isStopping || control.isOver;
    const alone: Waiting = {
      bell: link.bell,
      isOver,
      work: () => exchanges.work(),
      yield: exchanges.yield,
      meter: parts.meter,
    };
    this.#ring = new RingWriter(link.producer(node.id, lane), port?.exchange ?? alone);
    this.#taker = new ChunkTaker(memory, link, parts);
    const pipe = link.core === PUMP_CORE && lane === null ? link.pipe(node.id) : null;
    this.#pump = pipe === null ? null : new Pump(memory, pipe, parts);
    const absent = chain === null ? (node.watermark?.output ?? null) : null;
    const { payloadMax, reserve } = this.#ring;
    this.#sender = new BatchSender(memory, link.copier, { schema, absent, payloadMax, reserve });
    this.#beside = new ChunkSender(memory, { ring: this.#ring, link, decoder, taker: this.#taker });
    this.#chainSender = chain === null ? null : this.#connect(chain, port);
  }

  /** Compressed bytes read of a split that is pumped, null of others. */
  get pumpedBytes(): number | null {
    return this.#taker.isPumped ? this.#taker.pumpedBytes : null;
  }

  /** All that have been read of it, also before where it was begun; null of others. */
  get rawBytes(): number | null {
    return this.#taker.isPumped ? this.#taker.pumpedBytesOfAll : null;
  }

  /** Handles one chunk, or decompresses for the others. @returns how many batches it was, 0 when there is no chunk to take now. */
  turn(): number {
    if (this.#hasStopped) return 0;
    if (this.#pump !== null && this.#pumpOnce(this.#pump)) return 1;
    if (!this.#isReady()) return 0;
    const { meter, place, link } = this.#parts;
    // On the first core this is part of its source's turn.
    if (link.core > 0) meter.begin(place);
    const isTaken = this.#taker.take(this.#cutting) === TAKEN;
    this.#batchCount = isTaken ? 1 : 0;
    if (isTaken) this.#parts.tables?.catchUp(this.#feed.tables);
    if (isTaken) this.#decode();
    if (isTaken && this.#unshared !== null) this.#share(this.#unshared);
    if (link.core > 0) meter.endTurn(isTaken ? this.#rows : -1);
    else if (isTaken) meter.addRows(this.#rows);
    return this.#batchCount;
  }

  #pumpOnce(pump: Pump): boolean {
    const { meter, place } = this.#parts;
    meter.begin(place);
    const hasWorked = pump.turn();
    meter.endTurn(hasWorked ? 0 : -1);
    return hasWorked;
  }

  #isReady(): boolean {
    // The first core reads its own ring: what it writes must fit without that.
    if (this.#parts.link.core === 0) return this.#ring.hasRoom(this.#ring.payloadMax);
    if (!this.#feed.isOpen) return false;
    // Of splits that are merged others may be wanted first: none waits for room while another has some.
    if (this.#parts.lane !== null && !this.#ring.asksForRoom(this.#ring.payloadMax)) return false;
    if (this.#feed.split !== this.#split) this.#join();
    return this.#isJoined;
  }

  /** Lets the others in, once this decoder knows what theirs have to know. */
  #share({ name }: SplitReader): void {
    const text = this.#cutting.share();
    if (text === null) return;
    this.#unshared = null;
    if (this.#feed.share(shareText(name, text, this.#isLast))) this.#parts.link.ringOthers();
  }

  /** Takes no more chunks. */
  stop(): void {
    this.#hasStopped = true;
  }

  close(): void {
    for (const reader of this.#parts.readers) reader.close();
  }

  #connect({ output, encoder, endPlace }: FeederChain, port: ExchangePort | null): ChainSender | ExchangeSender {
    const sender = this.#sender;
    const { words } = this.#parts.link;
    if (port !== null) return port.sender;
    const end = new ChainSender(this.#memory, { sender, encoder, words });
    output.connect(end, endPlace);
    return end;
  }

  /** On the first core, which decodes in an exchange like the others: chunks come from this split from now on. */
  open(reader: SplitReader, split: number, isLast: boolean): void {
    this.#parts.decoder.reset();
    this.#feed.begin(split);
    this.#taker.open(reader, split);
    this.#split = split;
    this.#isLast = isLast;
    this.#unshared = reader;
  }

  /** Right after `open`: goes on from a byte, behind so many lines, where the decoder of an earlier run knew `text`. */
  resume(offset: number, lineCount: number, text: string): void {
    const made = this.#unshared === null ? null : madeBy(this.#unshared);
    if (made === null) this.#feed.begin(this.#split, offset);
    else beginMade(this.#feed, made, lineCount);
    this.#taker.resume(offset);
    this.#cutting.join(text);
    if (this.#unshared !== null) this.#share(this.#unshared);
  }

  /** What the decoder knows; null: not enough yet for others. */
  get decoder(): string | null {
    return this.#cutting.share();
  }

  #join(): void {
    const { readers, decoder } = this.#parts;
    const split = this.#feed.split;
    const [name, text, isLast] = JSON.parse(this.#feed.text) as SharedText;
    const reader = readers[split];
    this.#split = split;
    this.#isLast = isLast;
    // Files may have come or gone since the first core looked.
    this.#isJoined = reader?.name === name && (reader.sharing?.() ?? null) !== null;
    if (reader === undefined || !this.#isJoined) return;
    decoder.reset();
    this.#cutting.join(text);
    this.#taker.open(reader, split);
  }

  #decode(): void {
    const memory = this.#memory;
    const { decoder, chain, port, node } = this.#parts;
    chain?.watermark?.restart();
    this.#rows = 0;
    port?.sender.begin(this.#split, this.#taker.number);
    let position = this.#taker.begin;
    let lines = 0;
    let nulled = 0;
    for (;;) {
      const mark = memory.kernels.transientMark();
      const consumed = decoder.decode(position, this.#taker.end, this.#taker.isLast);
      memory.refresh();
      const rows = memory.load32(decoder.batch + BATCH_ROW_COUNT);
      this.#rows += rows;
      const rejectCount = memory.load32(decoder.state + DECODER_REJECT_COUNT);
      if (consumed === 0 && rows === 0 && rejectCount === 0) break;
      if (this.#parts.lane !== null && !this.#beside.sendPlace(position, consumed, lines)) return;
      if (rows > 0 && !this.#sendRows(rows)) return;
      const fails = rejectCount > 0 && port !== null && node.onError === 'fail';
      if (fails) this.#stop(OWNED_STOP | this.#forward);
      if (rejectCount > 0 && !this.#beside.sendRejects(position, lines)) return;
      this.#ring.commit();
      if (fails) return;
      nulled += memory.load32(decoder.state + DECODER_NULLED_COUNT);
      lines += memory.load32(decoder.state + DECODER_LINE_COUNT);
      memory.kernels.transientRelease(mark);
      position += consumed;
      this.#batchCount++;
      // A policy of failing stops before the bad record: the run ends there.
      if (consumed === 0) break;
    }
    this.#sendEnd(lines, nulled);
  }

  /** @returns false when nobody wants more. */
  #sendRows(rows: number): boolean {
    const { decoder, chain } = this.#parts;
    if (chain === null) return this.#sender.send(decoder.batch, ROWS);
    const future = chain.watermark?.assign(decoder.batch, rows) ?? 0;
    const failure = runChain(chain, decoder.batch);
    const end = this.#chainSender as ChainSender;
    end.flush();
    if (end.isRefused) return false;
    if (failure === null) return this.#beside.sendProgress(rows, future, chain.watermark?.cell ?? 0);
    this.#stop(OWNED_STOP);
    this.#beside.sendFailure(failure.cause);
    return false;
  }

  /** Owners hear that the run ends behind the rows before. */
  #stop(flags: number): void {
    const { chain, port } = this.#parts;
    this.stop();
    port?.sender.end(flags, chain?.watermark?.cell ?? 0);
  }

  get #forward(): number {
    return this.#isLast ? OWNED_FORWARD : 0;
  }

  #sendEnd(lines: number, nulled: number): void {
    const { chain, port } = this.#parts;
    port?.sender.end(this.#forward, chain?.watermark?.cell ?? 0);
    this.#beside.sendEnd(lines, nulled);
  }
}
