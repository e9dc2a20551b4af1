// A reference of what implements the contract of exactly-once sinks (src/connectors/transactions.ts): a store with
// transactions, which outlives the runs that write to it, and misbehaves at steps that a test names.
//
// What a run writes is in the memory of that run. A prepared transaction is in the store, where only its commit makes
// it visible; a run that crashes leaves these.

import type { ByteWriter } from '../../src/connectors/connector.ts';
import type { EpochPart, SinkTransactions, Vote } from '../../src/connectors/transactions.ts';
import type { LinearMemory } from '../../src/data/memory.ts';

export type Step = 'begin' | 'preCommit' | 'commit' | 'abort' | 'recover';

export interface Fault {
  step: Step;
  /** Which call of it, of all runs, from 1 on. */
  call: number;
  /** no: votes so. hang: never answers. late: does it, and answers too late. fail: is asked again. */
  kind: 'no' | 'hang' | 'late' | 'fail' | 'crash before' | 'crash after';
}

export class Crash extends Error {}

export class TransactionalStore {
  /** What readers see. */
  committed = Buffer.alloc(0);
  /** By epoch: what begins where the committed bytes end. */
  readonly prepared = new Map<number, Buffer>();
  readonly calls: Record<Step, number> = { begin: 0, preCommit: 0, commit: 0, abort: 0, recover: 0 };
  readonly faults: Fault[];
  readonly lateMillis: number;
  /** Faults that have come. */
  met = 0;

  constructor(faults: Fault[], lateMillis: number) {
    this.faults = faults;
    this.lateMillis = lateMillis;
  }
}

/** A run's connection to the store: how it writes, and how it commits. */
export class StoreSession implements SinkTransactions, ByteWriter {
  readonly name: string;
  readonly #store: TransactionalStore;
  /** Written by this run, and not committed: begins where the committed bytes end. */
  #written = Buffer.alloc(0);
  #isCrashed = false;

  constructor(name: string, store: TransactionalStore) {
    this.name = name;
    this.#store = store;
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    this.#written = Buffer.concat([this.#written, memory.u8.slice(address, address + bytes)]);
  }

  flush(): void {}

  settle(): number {
    return this.#store.committed.length + this.#written.length;
  }

  close(): void {}

  async begin(): Promise<number> {
    return this.#at('begin', async () => this.#store.committed.length);
  }

  async preCommit({ epoch, bytes }: EpochPart): Promise<Vote> {
    return this.#at('preCommit', async (kind) => {
      if (kind === 'no') return { isYes: false, reason: 'it may not' };
      if (this.#store.prepared.has(epoch)) throw new Error(`epoch ${epoch} was used before`);
      const part = this.#written.subarray(0, bytes - this.#store.committed.length);
      this.#store.prepared.set(epoch, Buffer.from(part));
      return { isYes: true, handle: `${this.name} ${epoch}` };
    });
  }

  async commit(part: EpochPart): Promise<void> {
    return this.#at('commit', async () => this.#commit(part));
  }

  async abort(epoch: number): Promise<void> {
    return this.#at('abort', async () => {
      this.#store.prepared.delete(epoch);
    });
  }

  async recover(decided: EpochPart): Promise<void> {
    return this.#at('recover', async () => {
      this.#commit(decided);
      this.#store.prepared.clear();
    });
  }

  #commit({ epoch, bytes, handle }: EpochPart): void {
    const store = this.#store;
    const part = store.prepared.get(epoch);
    for (const other of store.prepared.keys()) if (other <= epoch) store.prepared.delete(other);
    if (store.committed.length === bytes && (part === undefined || part.length === 0)) return;
    if (part === undefined || store.committed.length + part.length !== bytes || handle !== `${this.name} ${epoch}`) {
      throw new Error(`${this.name}: epoch ${epoch} up to ${bytes} is not prepared behind ${store.committed.length}`);
    }
    store.committed = Buffer.concat([store.committed, part]);
    this.#written = this.#written.subarray(part.length);
  }

  async #at<T>(step: Step, work: (kind: Fault['kind'] | null) => Promise<T>): Promise<T> {
    const store = this.#store;
    if (this.#isCrashed) throw new Crash();
    const call = ++store.calls[step];
    const kind = store.faults.find((fault) => fault.step === step && fault.call === call)?.kind ?? null;
    if (kind !== null) store.met++;
    if (kind === 'crash before') this.#crash();
    if (kind === 'hang') return new Promise(() => {});
    if (kind === 'fail') throw new Error('it fails');
    const result = await work(kind);
    if (kind === 'crash after') this.#crash();
    if (kind === 'late') await new Promise((resolve) => setTimeout(resolve, store.lateMillis));
    return result;
  }

  #crash(): never {
    this.#isCrashed = true;
    throw new Crash();
  }
}
