// The cores beside the first: started when there is enough to decode, ended with the run.
//
// A thread costs tens of milliseconds and a memory of its own, so small inputs do not pay for any: the first core says
// by its counters how much there is, or how much it has read.

import type { MessagePort, Worker } from 'node:worker_threads';
import { fromPlain } from '../base/errors.ts';
import { HELPER_BYTES } from '../base/limits.ts';
import { spawnCore } from '../platform/resources.ts';
import { type PackedSnapshot, packSnapshot, unpackSnapshot } from '../state/packed-snapshot.ts';
import type { LinkRequest } from './channels/core-link.ts';
import { type CheckpointPlace, shareOf } from './checkpoint-place.ts';
import type { TakenShare } from './checkpointer.ts';
import { SOURCE_BYTES, SOURCE_SIZE } from './counters.ts';
import type { CoreReport, CoreRequest } from './engine.ts';
import type { HeapReport } from './heap-guard.ts';
import type { Placement } from './placement.ts';
import type { ReadyThreads } from './ready-threads.ts';
import type { Telemetry } from './telemetry.ts';

/** How often the input is looked at until the helpers are started, ms. */
const LOOK_MILLIS = 5;

export class HelperCores {
  /** Rejects when a helper dies of a bug; never settles otherwise. */
  readonly failure: Promise<never>;
  readonly #request: CoreRequest;
  /** What an earlier run had of what all cores compute. */
  readonly #restored: PackedSnapshot | null;
  readonly #telemetry: Telemetry;
  readonly #spare: Worker[];
  readonly #threads: ReadyThreads;
  readonly #onPlaced: (placement: Placement) => void;
  readonly #openTaps: () => MessagePort;
  readonly #tables: readonly MessagePort[];
  readonly #onShare: (share: TakenShare) => void;
  readonly #places: readonly CheckpointPlace[];
  readonly #workers: Worker[] = [];
  readonly #endings: Promise<HeapReport | null>[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #fail: (error: unknown) => void = () => {};

  /** @param parts `spare`: threads that wait for a plan; `stop` asks the first core to stop: it would wait for what a dead helper had taken. */
  constructor(
    request: CoreRequest,
    telemetry: Telemetry,
    parts: {
      spare: readonly Worker[];
      threads: ReadyThreads;
      stop: () => void;
      onPlaced: (placement: Placement) => void;
      openTaps: () => MessagePort;
      /** By which each is given lookup tables; none where they look into none. */
      tables: readonly MessagePort[];
      /** Takes what a core keeps of what all compute. */
      onShare: (share: TakenShare) => void;
      /** Where they put what they keep, by core. */
      places: readonly CheckpointPlace[];
    },
  ) {
    this.#spare = [...parts.spare];
    this.#threads = parts.threads;
    this.#onPlaced = parts.onPlaced;
    this.#openTaps = parts.openTaps;
    this.#tables = parts.tables;
    this.#onShare = parts.onShare;
    this.#places = parts.places;
    this.#request = request;
    this.#restored = restoredOf(request);
    this.#telemetry = telemetry;
    this.failure = new Promise((_, reject) => {
      this.#fail = (error) => {
        parts.stop();
        reject(error);
      };
    });
    if (request.link === null) return;
    if (request.options.startsAllCores) this.#startAll(request.link);
    else this.#timer = setInterval(() => this.#look(), LOOK_MILLIS);
  }

  /** The run is over. */
  end(): void {
    clearInterval(this.#timer);
    // Whoever verifies waits for what they report.
    if (!this.#request.options.verify) for (const worker of this.#workers) worker.unref();
  }

  /** After `end`: what they found about their heaps. */
  heaps(): Promise<(HeapReport | null)[]> {
    return Promise.all(this.#endings);
  }

  #look(): void {
    const { plan, link } = this.#request;
    const counters = this.#telemetry.counters;
    const isWorthIt = plan.nodes.some((node) => {
      if (node.kind !== 'source') return false;
      const at = this.#telemetry.placeOf(node.id);
      return Math.max(counters[at + SOURCE_BYTES] ?? 0, counters[at + SOURCE_SIZE] ?? 0) >= HELPER_BYTES;
    });
    if (!isWorthIt || link === null) return;
    clearInterval(this.#timer);
    this.#startAll(link);
  }

  #startAll(link: LinkRequest): void {
    for (let core = 1; core < link.coreCount; core++) {
      const tables = this.#tables.slice(core - 1, core);
      const own = { durable: this.#durable(core), link: { ...link, core }, taps: this.#openTaps(), tables };
      this.#start({ ...this.#request, ...own });
    }
  }

  /** The logs that all cores read through, and what a core keeps of what all compute; only the first one writes outputs. */
  #durable(core: number): CoreRequest['durable'] {
    const { durable } = this.#request;
    const place = this.#places[core];
    return durable && { ...durable, restored: this.#restored, ...(place === undefined ? {} : shareOf(place)) };
  }

  #start(request: CoreRequest): void {
    const worker = this.#spare.pop() ?? spawnCore({});
    this.#threads.start();
    worker.postMessage(request, [request.taps, ...request.tables]);
    const ending = new Promise<HeapReport | null>((resolve) => {
      worker.on('message', (report: CoreReport) => {
        if (report.kind === 'placed') this.#onPlaced(report.placement);
        if (report.kind === 'ready') this.#threads.tell();
        if (report.kind === 'share') this.#onShare(report.share);
        if (report.kind === 'failed') this.#fail(fromPlain(report.error));
        if (report.kind === 'done') resolve(report.heap);
      });
    });
    this.#endings.push(ending);
    worker.once('error', (error) => this.#fail(error));
    this.#workers.push(worker);
  }
}

/**
 * What an earlier run had of what all cores compute, a copy: they may be started when the first core has given its room back.
 */
function restoredOf({ durable, link }: CoreRequest): PackedSnapshot | null {
  if (durable === null || durable.restored === null || link === null || link.exchanged.length === 0) return null;
  const restored = unpackSnapshot(durable.restored);
  const operators = restored.operators
    .filter(({ id }) => link.exchanged.includes(id))
    .map((state) => ({ ...state, blocks: state.blocks.map(({ name, bytes }) => ({ name, bytes: bytes.slice() })) }));
  return packSnapshot({ ...restored, operators, sinks: [] }).packed;
}
