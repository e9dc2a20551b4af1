// What the dashboard knows and shows: the pipelines that run, the samples of the one that is open, and the view of it.
// It draws no terminal and asks no pipeline: watch.ts brings samples, app.ts brings keys and takes lines.

import { renderDetail } from './detail.ts';
import type { Frame } from './frame.ts';
import { measure, type Sample } from './measure.ts';
import { renderHead, renderOverview, type Size } from './overview.ts';
import { renderChoice, renderHelp, renderWaiting } from './screens.ts';
import { sectionsOf } from './sections.ts';
import { cutLine, type Line } from './text.ts';
import { FIRST_VIEW, type Key, press, type View } from './view.ts';

/** Rates kept for the line of blocks. */
const HISTORY_MAX = 120;
/** A silence that is shorter needs no explanation. */
const SILENCE_MILLIS = 10_000;
/** Rates are those of so many samples: numbers that jump each second cannot be read. */
const SAMPLES_MAX = 4;

export class Dashboard {
  /** The pipeline that is open, null while one is chosen. */
  #pid: number | null;
  #view: View = FIRST_VIEW;
  /** The last samples, the newest at the end. */
  #samples: readonly Sample[] = [];
  #frame: Frame | null = null;
  /** What is shown while the view is held still. */
  #heldFrame: Frame | null = null;
  /** Age of the run, in ms, when the last row came out, as far as was seen. */
  #outputMillis = 0;
  #history: readonly number[] = [];
  #heldHistory: readonly number[] = [];
  /** All that run, while one is chosen; by pid. */
  #runs = new Map<number, { sample: Sample; frame: Frame }>();
  #chosen = 0;
  /** Whether there was a choice, to which escape leads back. */
  #hasChoice: boolean;
  #version = 0;
  readonly #listeners = new Set<() => void>();

  /** @param pid of the pipeline to open; null: let the person choose. */
  constructor(pid: number | null) {
    this.#pid = pid;
    this.#hasChoice = pid === null;
  }

  get pid(): number | null {
    return this.#pid;
  }

  /** Changes with all that is shown. */
  readonly version = (): number => this.#version;

  /** Calls back after each change, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes all that run. */
  showRuns(samples: readonly Sample[]): void {
    const runs = samples.map((sample) => {
      const before = this.#runs.get(sample.pid)?.sample ?? null;
      return [sample.pid, { sample, frame: measure(before, sample) }] as const;
    });
    this.#runs = new Map(runs.sort(([a], [b]) => a - b));
    this.#chosen = Math.max(0, Math.min(this.#chosen, runs.length - 1));
    this.#changed();
  }

  /** Takes the next sample of the pipeline that is open. One that says how the run ended is the last. */
  add(sample: Sample): void {
    if (sample.pid !== this.#pid || this.hasEnded) return;
    const hasEnded = sample.ending !== null;
    // In the end, rates are those of the whole run, and what was held still is over.
    const [oldest = null] = this.#samples;
    const frame = measure(hasEnded ? null : oldest, sample);
    this.#frame = { ...frame, waits: this.#isSilent(frame) ? frame.waits : null };
    if (hasEnded) {
      this.#view = { ...this.#view, isPaused: false, isCumulative: true };
    } else {
      const { rowsIn } = measure(this.#samples.at(-1) ?? null, sample);
      this.#history = [...this.#history, rowsIn.perSecond].slice(-HISTORY_MAX);
    }
    this.#samples = [...this.#samples, sample].slice(-SAMPLES_MAX);
    this.#changed();
  }

  /** Whether no row has come out for so long that one wants to know why. */
  #isSilent({ rowsOut, uptimeMillis }: Frame): boolean {
    const before = this.#frame?.rowsOut.total ?? 0;
    if (rowsOut.total !== before) this.#outputMillis = uptimeMillis;
    return uptimeMillis - this.#outputMillis >= SILENCE_MILLIS;
  }

  /** The open pipeline is not there any more: its last sample is the final one. */
  end(): void {
    const last = this.#samples.at(-1);
    if (last === undefined || this.hasEnded) return;
    this.add({ ...last, ending: 'it is gone', waits: null });
  }

  /** Whether the open pipeline has ended. */
  get hasEnded(): boolean {
    return this.#samples.at(-1)?.ending != null;
  }

  press(key: Key): void {
    if (this.#pid === null) this.#pressInChoice(key);
    else if (this.#isWayBack(key)) this.#close();
    else if (this.#frame !== null) this.#pressInView(key, this.#frame);
    this.#changed();
  }

  /** Whether keys are letters: `q` is one then. */
  get isTyping(): boolean {
    return this.#view.isTyping;
  }

  /** The screen, at most `size.rows` lines of at most `size.columns` cells. */
  lines(size: Size): Line[] {
    return this.#render(size)
      .slice(0, size.rows)
      .map((line) => cutLine(line, size.columns));
  }

  /** What is worth keeping when the screen is gone: the figures of a pipeline that has ended. */
  farewell(columns: number): Line[] {
    if (this.#frame === null || !this.hasEnded) return [];
    return renderHead(this.#frame, this.#view, this.#history, columns);
  }

  #render(size: Size): Line[] {
    if (this.#pid === null)
      return renderChoice(
        [...this.#runs.values()].map(({ frame }) => frame),
        this.#chosen,
        size,
      );
    const frame = this.#view.isPaused ? this.#heldFrame : this.#frame;
    if (this.#view.screen === 'help') return renderHelp(size);
    if (frame === null) return renderWaiting(`pid ${this.#pid}`, size);
    if (this.#view.screen === 'detail') return renderDetail(frame, this.#view, size);
    return renderOverview(frame, this.#view, this.#view.isPaused ? this.#heldHistory : this.#history, size);
  }

  #pressInChoice(key: Key): void {
    const pids = [...this.#runs.keys()];
    const isUp = key.kind === 'up' || (key.kind === 'text' && key.text === 'k');
    const isDown = key.kind === 'down' || (key.kind === 'text' && key.text === 'j');
    if (isUp) this.#chosen = Math.max(this.#chosen - 1, 0);
    if (isDown) this.#chosen = Math.min(this.#chosen + 1, Math.max(pids.length - 1, 0));
    if (key.kind === 'enter') this.#open(pids[this.#chosen]);
  }

  #pressInView(key: Key, frame: Frame): void {
    const { isPaused: wasPaused } = this.#view;
    const shown = wasPaused ? (this.#heldFrame ?? frame) : frame;
    this.#view = press(this.#view, key, sectionsOf(shown, this.#view));
    if (wasPaused || !this.#view.isPaused) return;
    this.#heldFrame = frame;
    this.#heldHistory = this.#history;
  }

  #isWayBack(key: Key): boolean {
    const { screen, filter, isTyping } = this.#view;
    return this.#hasChoice && key.kind === 'escape' && screen === 'overview' && filter === '' && !isTyping;
  }

  #open(pid: number | undefined): void {
    if (pid === undefined) return;
    this.#pid = pid;
    this.#view = FIRST_VIEW;
    this.#samples = [];
    this.#frame = null;
    this.#outputMillis = 0;
    this.#history = [];
    const run = this.#runs.get(pid);
    if (run !== undefined) this.add(run.sample);
  }

  #close(): void {
    this.#pid = null;
    this.#samples = [];
    this.#runs.clear();
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
