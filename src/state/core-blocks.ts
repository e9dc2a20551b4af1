// The blocks of all cores: an environment for each, so that no two write to the same. Those of cores that a run does not
// have stay until no manifest names what is in them.

import fs from 'node:fs';
import path from 'node:path';
import type { BlockRoom } from './block-room.ts';
import { BlockStore, type WrittenBlocks } from './block-store.ts';
import { Environment } from './environment.ts';
import { damaged, type Manifest, type OperatorEntry } from './manifest.ts';
import type { OperatorState, WrittenOperator } from './snapshot.ts';

export class CoreBlocks {
  readonly #directory: string;
  readonly #stores = new Map<number, BlockStore>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Opens all that are there, and that of the first core. @throws LMN-4003, LMN-4007 */
  static async open(directory: string, isReadOnly: boolean): Promise<CoreBlocks> {
    const opened = new CoreBlocks(directory);
    const known = fs.readdirSync(directory).flatMap((name) => /^core-(\d+)$/.exec(name)?.[1] ?? []);
    try {
      for (const core of new Set([0, ...known.map(Number)])) await opened.#open(core, isReadOnly);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** Writes the blocks of a checkpoint. @param last those of the one before. @throws LMN-4007 */
  async write(
    epoch: number,
    states: readonly WrittenOperator[],
    last: readonly OperatorEntry[],
  ): Promise<WrittenBlocks> {
    const cores = [...new Set(states.map(({ core }) => core))];
    const parts = await Promise.all(
      cores.map(async (core) => {
        const store = this.#stores.get(core) ?? (await this.#open(core, false));
        const own = states.filter((state) => state.core === core);
        return store.write(epoch, own, last);
      }),
    );
    const sum = (of: (part: WrittenBlocks) => number): number => parts.reduce((total, part) => total + of(part), 0);
    return {
      operators: parts.flatMap(({ operators }) => operators),
      bytes: sum(({ bytes }) => bytes),
      bytesWritten: sum(({ bytesWritten }) => bytesWritten),
    };
  }

  /** All blocks of an operator, as one core had it. `room`: where they are put. @throws LMN-4003 when one is not what was written. */
  read(entry: OperatorEntry, room: BlockRoom | null = null): OperatorState {
    const store = this.#stores.get(entry.core);
    if (store === undefined) throw damaged(this.#directory, `core-${entry.core} is missing`);
    return store.read(entry, room);
  }

  /** Removes the versions of manifests that are not kept any more. @throws LMN-4007 */
  async remove(manifests: readonly Manifest[], kept: readonly Manifest[]): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.remove(manifests, kept)));
  }

  /** Removes what an epoch left that was never committed. @returns the last epoch of which there was something. */
  async removeOrphans(kept: readonly Manifest[]): Promise<number> {
    const epochs = await Promise.all([...this.#stores.values()].map((store) => store.removeOrphans(kept)));
    return Math.max(0, ...epochs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
  }

  async #open(core: number, isReadOnly: boolean): Promise<BlockStore> {
    const file = path.join(this.#directory, `core-${core}`);
    const store = new BlockStore(this.#directory, await Environment.open(this.#directory, file, { isReadOnly }), core);
    this.#stores.set(core, store);
    return store;
  }
}
