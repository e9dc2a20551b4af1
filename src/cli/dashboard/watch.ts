// Keeps a dashboard up to date: asks the pipelines each second, and at once when another one is opened.

import type { Dashboard } from './dashboard.ts';
import type { Sample } from './measure.ts';

/** Where samples come from. */
export interface Pipelines {
  /** All that run. */
  list(): Promise<Sample[]>;
  /** One of them; null: it is gone. */
  sample(pid: number): Promise<Sample | null>;
}

const LOOK_MILLIS = 1000;

/** Watches until the returned function is called. @param onError takes what nobody expects. */
export function watch(dashboard: Dashboard, pipelines: Pipelines, onError: (error: unknown) => void): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let shown = dashboard.pid;
  const look = async () => {
    clearTimeout(timer);
    shown = dashboard.pid;
    await refresh(dashboard, pipelines);
    if (!isOver) timer = setTimeout(start, LOOK_MILLIS);
  };
  const start = () => void look().catch(onError);
  const stopListening = dashboard.subscribe(() => {
    if (dashboard.pid === shown) return;
    shown = dashboard.pid;
    clearTimeout(timer);
    timer = setTimeout(start, 0);
  });
  start();
  return () => {
    isOver = true;
    clearTimeout(timer);
    stopListening();
  };
}

async function refresh(dashboard: Dashboard, pipelines: Pipelines): Promise<void> {
  const { pid } = dashboard;
  if (pid === null) {
    const samples = await pipelines.list();
    if (dashboard.pid === null) dashboard.showRuns(samples);
    return;
  }
  if (dashboard.hasEnded) return;
  const sample = await pipelines.sample(pid);
  if (dashboard.pid !== pid) return;
  if (sample === null) dashboard.end();
  else dashboard.add(sample);
}
