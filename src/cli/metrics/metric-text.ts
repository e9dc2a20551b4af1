// Metrics as text: the Prometheus exposition format, version 0.0.4.
//
//   # HELP name what it is
//   # TYPE name counter
//   name{label="value"} 42

import { LATENCY_METRIC, type Labels, METRICS, type MeasuredRun } from './metric-table.ts';

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const MICROS_PER_SECOND = 1e6;

/** All metrics that have a value. */
export function renderMetrics(run: MeasuredRun): string {
  const lines: string[] = [];
  for (const { name, type, help, read } of METRICS) {
    const samples = read(run).filter(([, value]) => value !== null);
    if (samples.length === 0) continue;
    lines.push(
      ...headerOf(name, type, help),
      ...samples.map(([labels, value]) => sample(name, labels, value as number)),
    );
  }
  lines.push(...latencyLines(run));
  return `${lines.join('\n')}\n`;
}

function latencyLines({ progress }: MeasuredRun): string[] {
  const { name, help } = LATENCY_METRIC;
  const lines = progress.sinks.flatMap(({ name: sink, latency }) => {
    if (latency === null) return [];
    const buckets = latency.buckets.map(({ leMicros, count }) =>
      sample(`${name}_bucket`, { sink, le: String(leMicros / MICROS_PER_SECOND) }, count),
    );
    return [
      ...buckets,
      sample(`${name}_bucket`, { sink, le: '+Inf' }, latency.count),
      sample(`${name}_sum`, { sink }, latency.sumMicros / MICROS_PER_SECOND),
      sample(`${name}_count`, { sink }, latency.count),
    ];
  });
  return lines.length === 0 ? [] : [...headerOf(name, 'histogram', help), ...lines];
}

function headerOf(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`];
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
