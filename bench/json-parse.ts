// The naive way, for scale: JSON.parse of every line and a Map of groups; prints the ms it took, without start-up.
//
//   node bench/json-parse.ts trades.ndjson out.ndjson

import fs from 'node:fs';
import readline from 'node:readline';

const [input, output] = process.argv.slice(2);
const started = performance.now();
const groups = new Map<
  string,
  { symbol: string; window_start: number; trades: number; volume: number; notional: number; low: number; high: number }
>();
for await (const line of readline.createInterface({
  input: fs.createReadStream(input as string, { highWaterMark: 1 << 20 }),
})) {
  const { symbol, price, volume, ts } = JSON.parse(line);
  const start = Math.floor(ts / 10_000) * 10_000;
  const key = `${start} ${symbol}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = { symbol, window_start: start, trades: 0, volume: 0, notional: 0, low: price, high: price };
    groups.set(key, group);
  }
  group.trades++;
  group.volume += volume;
  group.notional += price * volume;
  if (price < group.low) group.low = price;
  if (price > group.high) group.high = price;
}
const out = fs.createWriteStream(output as string);
for (const { notional, window_start, ...group } of groups.values()) {
  out.write(`${JSON.stringify({ ...group, window_start: new Date(window_start), vwap: notional / group.volume })}\n`);
}
out.end(() => console.log(performance.now() - started));
