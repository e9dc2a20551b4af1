// All exchanges of a core, in the order of the plan: what is behind an exchange comes after it.
//
// Whoever waits for room in a ring goes on meanwhile with what has come, but not for any of them:
//
//   core 0, sending to the owners of a join   has rows in hand that have come through the nodes before it, in the middle of
//                                             which no others may come: it goes on with that join and those behind it
//   an owner, giving its results              the same, so that it gets back to them: core 0 may be at a later join, and
//                                             take no results of earlier ones until that has gone on
//
// So of any two that wait for each other one gets on: where core 0 waits for an owner of a join, that is either free, or
// waits with its results of it or of a later one, which core 0 takes.

import type { OperatorState } from '../../state/snapshot.ts';
import type { TakenShare } from '../checkpointer.ts';
import type { Exchange, ExchangePort } from './exchange.ts';

export class ExchangeGroup {
  readonly members: Exchange[] = [];
  /** As in Waiting. */
  get yield(): (() => void) | null {
    return this.members[0]?.yield ?? null;
  }

  /** Index of the first whose turn it may be. */
  floor = 0;
  /** What went wrong behind an exchange, which is no owner's to tell. */
  failure: unknown = null;
  /** What this core keeps of a checkpoint, so far. */
  #operators: OperatorState[] = [];
  #pauseMillis = 0;

  /** Does what has come for any of them. @returns whether there was anything */
  work(): boolean {
    let hasWorked = false;
    for (let i = this.floor; i < this.members.length; i++) {
      if ((this.members[i] as Exchange).workOwn()) hasWorked = true;
    }
    return hasWorked;
  }

  /** What has led to an exchange is in the middle of something: nothing before it may go on. @returns the floor to go back to */
  enter(index: number): number {
    const before = this.floor;
    this.floor = Math.max(before, index);
    return before;
  }

  /** Tells operators that follow the clock what time it is. */
  tick(nowMillis: number): void {
    for (let i = this.floor; i < this.members.length; i++) (this.members[i] as Exchange).owner.tick(nowMillis);
  }

  /** Writes what this core has of the nodes. */
  report(counters: Float64Array): void {
    for (const { owner } of this.members) owner.report(counters);
  }

  /** Where the rows of a source go in; null: into none. */
  portOf(source: string): ExchangePort | null {
    for (const member of this.members) {
      const port = member.portOf(source);
      if (port !== null) return port;
    }
    return null;
  }

  /** Whether a node, or a step of a chain before one, is built with the source of its rows. */
  computes(node: string): boolean {
    return this.members.some(
      ({ plan, ports }) =>
        ports.length > 0 &&
        (plan.node.id === node || ports.some(({ input }) => input.chain.steps.some(({ id }) => id === node))),
    );
  }

  /** What computes a node; null: no exchange does. */
  memberOf(node: string): Exchange | null {
    return this.members.find(({ plan }) => plan.node.id === node) ?? null;
  }

  /** Whether all that is decoded goes into one of them. */
  get takesSources(): boolean {
    return this.members.some(takesSources);
  }

  get coreCount(): number {
    return this.members[0]?.coreCount ?? 1;
  }

  /** This core has sent all that it owns. */
  get isDone(): boolean {
    return this.members.every(isDone);
  }

  /** A checkpoint is being taken of some of them. */
  get isCutting(): boolean {
    return this.members.some(isCutting);
  }

  /** And nothing may come of what core 0 reads: the owners of a join that it feeds are to take theirs, or have. */
  get isCuttingFed(): boolean {
    return this.members.some(isCuttingFed);
  }

  /** Core 0 waits for what others have been sent. */
  get isBehind(): boolean {
    return this.members.some(isBehind);
  }

  /** Collects what this core keeps of a checkpoint. @returns all of it with the last part, null before */
  collect(
    asked: number,
    operator: OperatorState,
    { isLast, millis }: { isLast: boolean; millis: number },
  ): TakenShare | null {
    this.#operators.push(operator);
    this.#pauseMillis += millis;
    if (!isLast) return null;
    const share = { asked, operators: this.#operators, pauseMillis: this.#pauseMillis };
    this.#operators = [];
    this.#pauseMillis = 0;
    return share;
  }
}

// What is asked in every turn: functions that are made once leave nothing on the heap.

function takesSources({ ports }: Exchange): boolean {
  return ports.length > 0;
}

function isDone({ owner }: Exchange): boolean {
  return owner.isDone;
}

function isCutting(member: Exchange): boolean {
  return member.isCutting;
}

function isCuttingFed(member: Exchange): boolean {
  return member.sender !== null && member.isCutting;
}

function isBehind(member: Exchange): boolean {
  return member.isBehindOwners;
}
