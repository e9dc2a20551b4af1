// Before a run writes anything: its sinks are brought to what is decided, and what they had before is noted.
//
//   in the manifest            recover to it
//   begun, nothing decided     recover to where they began
//   new, or no longer wanted   begin

import { killPoint } from '../base/kill-point.ts';
import type { EpochPart, SinkCommit } from '../runtime/sink-commit.ts';
import type { Manifest } from '../state/manifest.ts';
import type { StateDirectory } from '../state/state-directory.ts';

/**
 * @param restored ids of the sinks that go on from the checkpoint.
 * @throws LMN-4005 when an output is not what was decided, LMN-4007
 */
export async function recoverSinks(
  sinks: SinkCommit,
  directory: StateDirectory,
  { manifest, restored }: { manifest: Manifest | null; restored: ReadonlySet<string> },
): Promise<void> {
  const decided = new Map(manifest?.sinks.map((state) => [state.id, state]));
  const known: Record<string, EpochPart> = {};
  for (const id of sinks.ids) {
    const state = decided.get(id);
    const bytes = directory.begun[id];
    if (state === undefined && bytes !== undefined) known[id] = { epoch: 0, bytes, handle: null };
    if (state === undefined || manifest === null || !restored.has(id)) continue;
    const { bytes: counted, handle = null, place } = state;
    known[id] = { epoch: manifest.epoch, bytes: counted, handle, ...(place === undefined ? {} : { place }) };
  }
  const epoch = (manifest?.epoch ?? 0) + 1;
  killPoint('recovering', epoch);
  await sinks.recover(known);
  killPoint('recovered', epoch);
  const first = await sinks.begin(sinks.ids.filter((id) => known[id] === undefined));
  await directory.begin({ ...directory.begun, ...first });
  killPoint('begun', epoch);
}
