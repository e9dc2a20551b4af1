// Two-phase commit over the sinks of a run, on the main thread (contract: src/connectors/transactions.ts).
//
//   preCommit ─► every sink votes; one that says no, or nothing in time, abandons the epoch: all are told abort
//   commit    ─► after the decision: every sink is told until it has done it
//
// A vote counts when it comes in time and once: what a sink says later changes nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { LaminarError } from '../base/errors.ts';
import { COMMIT_ATTEMPTS, COMMIT_MILLIS, COMMIT_PAUSE_MILLIS, PRE_COMMIT_MILLIS } from '../base/limits.ts';
import { openFileTransactions, openTransactions } from '../connectors/registry.ts';
import type { EpochPart, SinkTransactions, Vote } from '../connectors/transactions.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { SinkState } from '../state/snapshot.ts';
import { deadLettersId } from './dead-letters.ts';

export type { EpochPart };

export interface CommitTimes {
  /** How long votes, and commits, are waited for. */
  preCommitMillis: number;
  commitMillis: number;
  /** How often a commit is tried, and what passes between two tries. */
  attempts: number;
  pauseMillis: number;
}

const TIMES: CommitTimes = {
  preCommitMillis: PRE_COMMIT_MILLIS,
  commitMillis: COMMIT_MILLIS,
  attempts: COMMIT_ATTEMPTS,
  pauseMillis: COMMIT_PAUSE_MILLIS,
};

/** All have said yes, and these are the states with what they gave; or the reasons of those that have not. */
export type Votes = { isYes: true; sinks: SinkState[] } | { isYes: false; reasons: string[] };

/** The sinks of a plan that take part, by their ids: those of other sinks count at least once. */
export function transactionsOf({ nodes }: PhysicalPlan): Map<string, SinkTransactions> {
  const sinks = new Map<string, SinkTransactions>();
  for (const node of nodes) {
    if (node.kind === 'source' && node.deadLetterPath !== null) {
      sinks.set(deadLettersId(node.deadLetterPath), openFileTransactions(node.deadLetterPath));
    }
    const transactions = node.kind === 'sink' ? openTransactions(node.connector) : null;
    if (transactions !== null) sinks.set(node.id, transactions);
  }
  return sinks;
}

export class SinkCommit {
  readonly #sinks: ReadonlyMap<string, SinkTransactions>;
  readonly #times: CommitTimes;

  constructor(sinks: ReadonlyMap<string, SinkTransactions>, times: CommitTimes = TIMES) {
    this.#sinks = sinks;
    this.#times = times;
  }

  get ids(): string[] {
    return [...this.#sinks.keys()];
  }

  /** Before a run writes anything, and where nothing was decided about these sinks. @returns bytes that are there. */
  async begin(ids: readonly string[]): Promise<Record<string, number>> {
    const begun: Record<string, number> = {};
    for (const id of ids) {
      const bytes = await this.#sinks.get(id)?.begin();
      if (bytes !== undefined) begun[id] = bytes;
    }
    return begun;
  }

  /** Brings sinks to what is decided. @throws LMN-4005, and what else keeps one from it. */
  async recover(parts: Readonly<Record<string, EpochPart>>): Promise<void> {
    for (const [id, part] of Object.entries(parts)) await this.#sinks.get(id)?.recover(part);
  }

  /** Asks all sinks; if one does not say yes, the epoch is given up with all of them. @throws what loses its bytes. */
  async preCommit(epoch: number, states: readonly SinkState[]): Promise<Votes> {
    const votes = await Promise.all(states.map((state) => this.#vote(partOf(epoch, state))));
    const reasons = votes.flatMap((vote) => (vote.isYes ? [] : [vote.reason]));
    if (reasons.length > 0) {
      await this.abort(epoch);
      return { isYes: false, reasons };
    }
    const handles = votes.map((vote) => (vote.isYes ? vote.handle : null));
    const sinks = states.map((state, n) => ({ ...state, ...handleOf(handles[n] ?? null) }));
    return { isYes: true, sinks };
  }

  /** The epoch is decided. @throws LMN-4022 when a sink has not committed it after some tries: the next run will. */
  async commit(epoch: number, states: readonly SinkState[]): Promise<void> {
    await Promise.all(states.map((state) => this.#commit(state.id, partOf(epoch, state))));
  }

  async abort(epoch: number): Promise<void> {
    const { commitMillis } = this.#times;
    // One that cannot be told finds out when it recovers: what is not decided is aborted.
    await Promise.allSettled([...this.#sinks.values()].map((sink) => within(commitMillis, sink.abort(epoch))));
  }

  async #vote({ id, ...part }: EpochPart & { id: string }): Promise<Vote> {
    const sink = this.#sinks.get(id);
    if (sink === undefined) return { isYes: true, handle: null };
    const { preCommitMillis } = this.#times;
    const vote: Vote | typeof LATE = await within(preCommitMillis, sink.preCommit(part));
    if (vote === LATE) return { isYes: false, reason: `${sink.name} gave no answer for ${seconds(preCommitMillis)}` };
    return vote.isYes ? vote : { isYes: false, reason: `${sink.name}: ${vote.reason}` };
  }

  async #commit(id: string, part: EpochPart): Promise<void> {
    const sink = this.#sinks.get(id);
    if (sink === undefined) return;
    const { attempts, commitMillis, pauseMillis } = this.#times;
    let cause: unknown;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await sleep(pauseMillis);
      try {
        if ((await within(commitMillis, sink.commit(part))) !== LATE) return;
        cause = new Error(`no answer for ${seconds(commitMillis)}`);
      } catch (error) {
        cause = error;
      }
    }
    throw new LaminarError('LMN-4022', `${sink.name} has not committed epoch ${part.epoch}: ${messageOf(cause)}`, {
      hint: 'the epoch is decided: the next run commits it and goes on behind it',
      at: { name: id },
      cause,
    });
  }
}

function partOf(epoch: number, { id, bytes, handle, place }: SinkState): EpochPart & { id: string } {
  return { id, epoch, bytes, handle: handle ?? null, ...placeOf(place) };
}

function placeOf(place: string | undefined): Pick<EpochPart, 'place'> {
  return place === undefined ? {} : { place };
}

function handleOf(handle: string | null): Pick<SinkState, 'handle'> {
  return handle === null ? {} : { handle };
}

const LATE: unique symbol = Symbol('late');

async function within<T>(millis: number, work: Promise<T>): Promise<T | typeof LATE> {
  const ending = new AbortController();
  // Whoever is late may still fail.
  work.catch(() => {});
  try {
    return await Promise.race([work, sleep(millis, LATE, { signal: ending.signal })]);
  } finally {
    ending.abort();
  }
}

function seconds(millis: number): string {
  return `${millis / 1000} s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
