// Entry of a core's worker thread: waits for what the engine sends, builds the core, runs it, reports how it ended.

import { parentPort } from 'node:worker_threads';
import { toPlain } from '../base/errors.ts';
import * as endpoints from '../connectors/registry.ts';
import { BlockRoom } from '../state/block-room.ts';
import { packSnapshot, unpackSnapshot } from '../state/packed-snapshot.ts';
import { buildCore } from './build.ts';
import { buildFeeders } from './build-feeders.ts';
import type { LinkRequest } from './channels/core-link.ts';
import type { TakenShare, TakenSnapshot } from './checkpointer.ts';
import { Control } from './control.ts';
import type { DurableParts } from './core.ts';
import type { CoreReport, CoreRequest } from './engine.ts';
import { HeapGuard, partsOf } from './heap-guard.ts';
import { placeCore } from './placement.ts';
import { refuseUnkept } from './refuse-unkept.ts';
import { runFeeders } from './run-feeders.ts';
import { Telemetry } from './telemetry.ts';

async function main(request: CoreRequest): Promise<CoreReport> {
  try {
    const { link, durable } = request;
    // Before anything is allocated: memory is taken where the thread runs when it first writes there.
    const placement = placeCore(link?.core ?? 0, request.options.placement);
    parentPort?.postMessage({ kind: 'placed', placement } satisfies CoreReport);
    if (link !== null && link.core > 0) return await feed(request, link);
    const telemetry = new Telemetry(request.plan, { buffer: request.telemetry });
    telemetry.onSplits = (splits) => parentPort?.postMessage({ kind: 'splits', splits } satisfies CoreReport);
    const core = await buildCore(request.plan, {
      kernels: request.kernels,
      endpoints,
      telemetry,
      control: new Control(request.control),
      options: request.options,
      notify: (text) => parentPort?.postMessage({ kind: 'notice', text } satisfies CoreReport),
      link,
      taps: request.taps,
      tables: request.tables,
      durable: durable === null ? null : durablePartsOf(durable),
    });
    parentPort?.postMessage({ kind: 'ready' } satisfies CoreReport);
    if (durable !== null) refuseUnkept(core.parts);
    const guard = request.options.verify ? new HeapGuard(0, partsOf(core.parts)) : null;
    const reason = core.run(guard);
    return { kind: 'done', reason, heap: guard?.finish() ?? null };
  } catch (error) {
    return { kind: 'failed', error: toPlain(error) };
  }
}

function durablePartsOf({ logs, restored, room, copy }: NonNullable<CoreRequest['durable']>): DurableParts {
  const unpacked = restored === null ? null : unpackSnapshot(restored);
  return { logs, restored: unpacked, room: new BlockRoom(room), copy, give };
}

/** Its blocks change hands, but for those in shared memory. */
function give({ snapshot, ...taken }: TakenSnapshot): void {
  const { packed, moved } = packSnapshot(snapshot);
  parentPort?.postMessage({ kind: 'snapshot', taken, packed } satisfies CoreReport, moved);
}

function giveShare(share: TakenShare): void {
  const blocks = share.operators.flatMap((operator) => operator.blocks.map(({ bytes }) => bytes.buffer));
  const moved = blocks.filter((buffer) => buffer instanceof ArrayBuffer);
  parentPort?.postMessage({ kind: 'share', share } satisfies CoreReport, moved);
}

/** A core beside the first decodes for it until the run is over. */
async function feed(
  { plan, kernels, options, taps, tables, durable, ...shared }: CoreRequest,
  request: LinkRequest,
): Promise<CoreReport> {
  const control = new Control(shared.control);
  const telemetry = new Telemetry(plan, { buffer: shared.telemetry, core: request.core });
  // A limit of rows counts them before they are encoded.
  const encodes = options.maxRows === null;
  // Without an exchange only the first core has a state.
  const hasState = durable !== null && request.exchangeBytes > 0;
  const kept = hasState ? { ...durablePartsOf(durable), give: giveShare } : null;
  const own = { encodes, link: request, taps, tables: tables[0] ?? null, durable: kept, logs: durable?.logs ?? null };
  const built = await buildFeeders(plan, { kernels, endpoints, telemetry, control, ...own });
  parentPort?.postMessage({ kind: 'ready' } satisfies CoreReport);
  const parts = built.feeders.map((feeder) => ({ name: `source ${feeder.name}`, target: feeder, methods: ['turn'] }));
  const guard = options.verify ? new HeapGuard(request.core, parts) : null;
  runFeeders(built, control, guard);
  return { kind: 'done', reason: 'end', heap: guard?.finish() ?? null };
}

/** Longest wait of a thread that is done until the others are told that the run is over, ms. */
const END_MILLIS = 1000;

parentPort?.once('message', (request: CoreRequest) => {
  void main(request).then((report) => {
    parentPort?.postMessage(report);
    // A thread that has time for itself begins to collect its garbage, and the process would have to wait for that.
    new Control(request.control).waitForEnd(END_MILLIS);
    process.exit();
  });
});
