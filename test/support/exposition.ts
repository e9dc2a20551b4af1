// A strict reader of the Prometheus text format, version 0.0.4: what it does not know is an error.
//
// https://prometheus.io/docs/instrumenting/exposition_formats/

export interface Family {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** By name. @throws Error for a line, an order or a name that the format does not have. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | null = null;
  let current: { name: string; family: Family } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') help = { name: name as string, text: rest as string };
    else if (keyword === 'TYPE') {
      if (help?.name !== name || families.has(name as string)) throw new Error(`TYPE without HELP, or twice: ${line}`);
      if (!/^(counter|gauge|histogram)$/.test(rest as string)) throw new Error(`no such type: ${line}`);
      current = { name: name as string, family: { type: rest as Family['type'], help: help?.text ?? '', samples: [] } };
      families.set(current.name, current.family);
    } else {
      if (current === null || seen.has(line.replace(/ \S+$/, '')))
        throw new Error(`a sample twice, or of nothing: ${line}`);
      seen.add(line.replace(/ \S+$/, ''));
      current.family.samples.push(parseSample(line, current.name, current.family));
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function parseSample(line: string, family: string, { type }: Family): Family['samples'][number] {
  const [, name, inner, number] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || !NAME.test(name)) throw new Error(`no sample: ${line}`);
  const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => family + end) : [family];
  if (!names.includes(name)) throw new Error(`${name} is not of ${family}`);
  const value = Number(number);
  if (Number.isNaN(value) || number === '') throw new Error(`no number: ${line}`);
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
  for (let at = 0; inner !== undefined && at < inner.length; at = pair.lastIndex) {
    pair.lastIndex = at;
    const [, label, text] = pair.exec(inner) ?? [];
    if (label === undefined || label in labels) throw new Error(`no label: ${line}`);
    labels[label] = (text as string).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  }
  return { name, labels, value };
}

/** Counters end in _total and are not negative; buckets of a histogram only grow, up to its count. */
function checkFamily(name: string, { type, samples }: Family): void {
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is negative`);
  if (type !== 'histogram') return;
  const key = ({ le: _, ...labels }: Record<string, string>) => JSON.stringify(labels);
  const buckets = Map.groupBy(
    samples.filter((s) => s.name.endsWith('_bucket')),
    ({ labels }) => key(labels),
  );
  for (const [of, list] of buckets) {
    const ordered = list.every(({ value, labels }, n) => {
      const before = list[n - 1];
      return before === undefined || (before.value <= value && le(before.labels) < le(labels));
    });
    const count = samples.find((s) => s.name.endsWith('_count') && key(s.labels) === of)?.value;
    const last = list.at(-1);
    if (!ordered || last?.labels['le'] !== '+Inf' || last.value !== count) throw new Error(`${name}: no histogram`);
  }
}

function le(labels: Record<string, string>): number {
  return labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
}
