// The zero-allocation guard of one thread (`run --verify`): in steady state a turn leaves nothing on the JavaScript heap.
//
// The heap counter of the isolate, exact to the object, is read around windows of 64 turns of a batch. The smallest
// object takes 12 bytes: fewer than 64 × 12 bytes mean that no turn leaves an object behind, and let pass what is made
// once a window, such as a look at the clock. Taken off is what Node itself makes in reading and writing files.
//
//   warming    code that is not compiled yet makes objects. It is warm once 13 of the last 16 windows are clean: a
//              collection, or growth of linear memory, may spoil one
//   steady     as long as that holds; code that is compiled anew becomes warm again
//   blaming    what is not clean within 256 windows and a second allocates, or is compiled late on a busy machine: each
//              part is measured by itself (heap-blame.ts). The run ends with an error that names those that leave an
//              object in every turn; when there are none, code is given time again

import { LaminarError } from '../base/errors.ts';
import type { CoreParts } from './core.ts';
import { HeapBlame, type WatchedPart } from './heap-blame.ts';
import { HeapMeter } from './heap-meter.ts';
import type { SeveralInputs, Stateful } from './operators/operator.ts';

export const WINDOW_TURNS = 64;
/** Bytes of the smallest object. */
const OBJECT_BYTES = 12;
/** Windows that are looked at together, and how many of them may be spoiled. */
const RECENT_WINDOWS = 16;
const SPOILED_MAX = 3;
/** Windows and time in which code becomes warm: another thread compiles it. */
const WARM_WINDOWS = 256;
const WARM_MILLIS = 1000;

/** What a thread found. */
export interface HeapReport {
  core: number;
  /** Windows since its code was warm, and how many of them were clean. */
  windows: number;
  clean: number;
}

/** What to watch of a core that computes. */
export function partsOf({ sources, operators, sinks }: CoreParts): WatchedPart[] {
  const methods = ['process', 'onWatermark', 'onIdle', 'onTick'];
  const inputsOf = (part: Stateful): object[] => [part, ...((part as Partial<SeveralInputs>).ports ?? [])];
  return [
    ...sources.map((source) => ({ name: `source ${source.node.name}`, target: source, methods: ['turn'] })),
    ...[...operators, ...sinks].flatMap((part) => inputsOf(part).map((target) => ({ name: part.id, target, methods }))),
  ];
}

export class HeapGuard {
  readonly #core: number;
  readonly #parts: readonly WatchedPart[];
  readonly #meter = new HeapMeter();
  /** 1 for each of the last windows that was not clean. */
  readonly #spoiled = new Uint8Array(RECENT_WINDOWS);
  #spoiledCount = 0;
  #turns = 0;
  /** Turns in the window. */
  #windowTurns = 0;
  #windows = 0;
  /** Number of the first window of a steady stretch; −1: the code is not warm. */
  #firstSteady = -1;
  /** Windows of the stretch that were clean. */
  #clean = 0;
  /** Window and time (ms) at which warming began. */
  #warmingWindow = 0;
  #warmingSince = performance.now();
  #blame: HeapBlame | null = null;

  constructor(core: number, parts: readonly WatchedPart[]) {
    this.#core = core;
    this.#parts = parts;
    this.#meter.begin();
  }

  /** Counts turns: a window ends when it has had enough. @throws LMN-3102 when turns leave objects behind. */
  afterTurns(count: number): void {
    this.#turns += count;
    this.#windowTurns += count;
    if (this.#windowTurns < WINDOW_TURNS) return;
    const bytesMax = this.#windowTurns * OBJECT_BYTES;
    this.#windowTurns = 0;
    if (this.#blame !== null) {
      if (this.#blame.endWindow()) this.#endBlame(this.#blame);
      return;
    }
    this.#judge(this.#meter.bytes() < bytesMax);
    this.#meter.begin();
  }

  /** A wait begins, for input or for another core. Nobody waits for what it does, and it is done too rarely to be compiled. */
  pause(): void {
    if (this.#blame === null) this.#meter.pause();
  }

  resume(): void {
    if (this.#blame === null) this.#meter.resume();
  }

  /** The run has ended. @returns null when the thread had nothing to do. @throws LMN-3102, LMN-3103 */
  finish(): HeapReport | null {
    if (this.#turns === 0) return null;
    if (this.#blame !== null || this.#firstSteady < 0) throw this.#tooShort();
    return { core: this.#core, windows: this.#windows - this.#firstSteady, clean: this.#clean };
  }

  #judge(isClean: boolean): void {
    const at = this.#windows % RECENT_WINDOWS;
    this.#windows++;
    const isSpoiled = isClean ? 0 : 1;
    this.#spoiledCount += isSpoiled - (this.#spoiled[at] as number);
    this.#spoiled[at] = isSpoiled;
    const isSteady = this.#windows >= RECENT_WINDOWS && this.#spoiledCount <= SPOILED_MAX;
    if (isSteady) this.#beSteady(isClean);
    else this.#warm();
  }

  #beSteady(isClean: boolean): void {
    if (this.#firstSteady >= 0) {
      if (isClean) this.#clean++;
      return;
    }
    this.#firstSteady = this.#windows - RECENT_WINDOWS;
    this.#clean = RECENT_WINDOWS - this.#spoiledCount;
  }

  #warm(): void {
    if (this.#firstSteady >= 0) {
      this.#firstSteady = -1;
      this.#warmingWindow = this.#windows;
      this.#warmingSince = performance.now();
    } else if (
      this.#windows - this.#warmingWindow >= WARM_WINDOWS &&
      performance.now() - this.#warmingSince >= WARM_MILLIS
    ) {
      this.#blame = new HeapBlame(this.#parts, this.#meter, WINDOW_TURNS * OBJECT_BYTES);
    }
  }

  /** @throws LMN-3102 when a part has been found that leaves objects behind all the time. */
  #endBlame(blame: HeapBlame): void {
    const culprits = blame.describe();
    if (culprits !== '') throw this.#failure(culprits);
    blame.end();
    this.#blame = null;
    this.#warmingWindow = this.#windows;
    this.#warmingSince = performance.now();
    this.#meter.begin();
  }

  #failure(culprits: string): LaminarError {
    return new LaminarError('LMN-3102', `core ${this.#core} leaves objects on the JavaScript heap: ${culprits}`, {
      hint: 'Functions that EXPLAIN marks as JavaScript and the format Arrow do that; anything else is a bug in Laminar: please report it with the pipeline.',
    });
  }

  #tooShort(): LaminarError {
    return new LaminarError(
      'LMN-3103',
      `core ${this.#core} could not be verified: it took ${this.#turns} turns, and its code was not warm in the end`,
      { hint: 'Give it more input: code is compiled by and by, and a turn is 32 rows; a million rows are enough.' },
    );
  }
}
