import { describe, expect, it } from 'vitest';
import { READ_END, READ_NOTHING } from '../../src/connectors/connector.ts';
import { openNexmark } from '../../src/connectors/nexmark.ts';
import { NEXMARK_COLUMNS } from '../../src/plan/connector-specs.ts';
import { testMemory } from '../support/linear-memory.ts';
import { type MadeColumn, madeRecords, madeText, madeTextBehind, type Options, sourceNode } from './made-source.ts';

const memory = testMemory();
const BASE_MILLIS = 1_436_918_400_000;
type Kind = keyof typeof NEXMARK_COLUMNS;

function node(kind: Kind, options: Options = {}, columns: readonly MadeColumn[] = NEXMARK_COLUMNS[kind]) {
  return sourceNode('nexmark', columns, { kind, seed: 1, base_time: BASE_MILLIS * 1000, ...options });
}

const records = (kind: Kind, options: Options = {}) => madeRecords(memory, node(kind, options));
const column = (rows: Record<string, unknown>[], name: string) => rows.map((row) => row[name] as number);
const share = (values: readonly number[], test: (value: number) => boolean) =>
  values.filter(test).length / values.length;

describe('NEXMARK', () => {
  it('makes 1 person, 3 auctions and 46 bids of every 50 events, in that order', () => {
    const types = column(records('all', { events: 200 }), 'event_type');
    for (let cycle = 0; cycle < 4; cycle++) {
      expect(types.slice(cycle * 50, cycle * 50 + 50)).toEqual([0, 1, 1, 1, ...Array(46).fill(2)]);
    }
    expect(records('person', { events: 1000 }).length).toBe(20);
    expect(records('auction', { events: 1001 }).length).toBe(60);
    expect(records('bid', { events: 5 }).length).toBe(1);
    expect(records('bid', { events: 4 })).toEqual([]);
  });

  it('gives every record exactly the declared columns, in order', () => {
    for (const kind of ['person', 'auction', 'bid'] as const) {
      const names = NEXMARK_COLUMNS[kind].map(({ name }) => name);
      for (const record of records(kind, { events: 2000 })) expect(Object.keys(record)).toEqual(names);
    }
    const names = new Set(records('all', { events: 50 }).flatMap((record) => Object.keys(record)));
    expect([...names].sort()).toEqual(NEXMARK_COLUMNS.all.map(({ name }) => name).sort());
  });

  it('makes the same event whichever kinds are asked for', () => {
    const all = records('all', { events: 3000 });
    for (const [type, kind] of (['person', 'auction', 'bid'] as const).entries()) {
      const own = all
        .filter((record) => record.event_type === type)
        .map(({ event_type, ...record }) =>
          Object.fromEntries(Object.entries(record).map(([name, value]) => [name.replace(`${kind}_`, ''), value])),
        );
      expect(own).toEqual(records(kind, { events: 3000 }));
    }
  });

  it('makes the same values whichever columns are asked for, and rows even for none', () => {
    const whole = records('bid', { events: 500 });
    const some = NEXMARK_COLUMNS.bid.filter(({ name }) => name === 'extra' || name === 'price');
    expect(madeRecords(memory, node('bid', { events: 500 }, some))).toEqual(
      whole.map(({ price, extra }) => ({ price, extra })),
    );
    expect(madeText(memory, node('all', { events: 3 }, []))).toBe('{}\n{}\n{}\n');
    const record: MadeColumn[] = [{ name: 'record', type: { kind: 'JSON' }, path: [] }];
    expect(madeRecords(memory, node('bid', { events: 500 }, record))).toEqual(whole);
  });

  it('depends on the seed and on nothing else', () => {
    const text = madeText(memory, node('all', { events: 5000 }));
    expect(madeText(testMemory(), node('all', { events: 5000 }))).toBe(text);
    expect(madeText(memory, node('all', { events: 5000 }), [1, 100, 5000, 70_000]) === text).toBe(true);
    expect(madeText(memory, node('all', { events: 5000, seed: 2 }))).not.toBe(text);
    expect(madeText(memory, node('all', { events: 6000 })).startsWith(text)).toBe(true);
  });

  it('keeps its known first events', () => {
    expect(madeText(memory, node('bid', { events: 6 }))).toBe(
      '{"auction":1005,"bidder":1001,"price":893766,"channel":"channel-1327","url":"https://www.nexmark.com/kuoy/spt/mgnv/item.htm?query=1","dateTime":1436918400000,"extra":"dsiaznqatylgktqovsbnbtgxlzpfodwsojuoaqplckqxjdbsbdybvbhx"}\n' +
        '{"auction":1003,"bidder":1010,"price":9590270,"channel":"Facebook","url":"https://www.nexmark.com/rx_g/kedy/x_z/item.htm?query=1","dateTime":1436918400000,"extra":"ruksnnrdxqvqkemjllxxwuwawexneevehrsufgothvfihikvfczhxlvjo"}\n',
    );
    const [person] = records('person', { events: 1 });
    expect(person).toMatchObject({ id: 1000, name: 'Julie White', creditCard: '0993 3395 5864 3568', state: 'WY' });
  });
});

describe('NEXMARK rules', () => {
  const events = 300_000;
  const people = records('person', { events });
  const auctions = records('auction', { events });
  const bids = records('bid', { events });
  /** Of bid or auction i: how many people, auctions exist. */
  const bidCycle = (index: number) => Math.floor(index / 46);
  const auctionCycle = (index: number) => Math.floor(index / 3);

  it('numbers people and auctions from 1000 on without a gap', () => {
    expect(column(people, 'id')).toEqual(people.map((_, i) => 1000 + i));
    expect(column(auctions, 'id')).toEqual(auctions.map((_, i) => 1000 + i));
  });

  it('refers to people and auctions that exist, or to one of the next ten', () => {
    const outside = (value: unknown, least: number, greatest: number) =>
      (value as number) < least || (value as number) > greatest;
    const strays = bids.filter((bid, i) => {
      const lastPerson = 1000 + bidCycle(i);
      const lastAuction = 1002 + 3 * bidCycle(i);
      return (
        outside(bid.bidder, Math.max(1000, lastPerson - 999), lastPerson + 10) ||
        outside(bid.auction, Math.max(1000, lastAuction - 100), lastAuction + 10)
      );
    });
    expect(strays).toEqual([]);
    const strangers = auctions.filter((auction, i) =>
      outside(auction.seller, Math.max(1000, auctionCycle(i) + 1), 1010 + auctionCycle(i)),
    );
    expect(strangers).toEqual([]);
  });

  it('sends half of the bids to the hot auction, three of four to hot people', () => {
    const hotAuction = (i: number) => 1000 + Math.floor((2 + 3 * bidCycle(i)) / 100) * 100;
    const hotBidder = (i: number) => 1001 + Math.floor(bidCycle(i) / 100) * 100;
    const hotSeller = (i: number) => 1000 + Math.floor(auctionCycle(i) / 100) * 100;
    const hits = (rows: Record<string, unknown>[], name: string, hot: (i: number) => number) =>
      rows.filter((row, i) => row[name] === hot(i)).length / rows.length;
    expect(hits(bids, 'auction', hotAuction)).toBeCloseTo(0.5 + 0.5 / 110, 2);
    expect(hits(bids, 'bidder', hotBidder)).toBeCloseTo(0.75, 2);
    expect(hits(auctions, 'seller', hotSeller)).toBeCloseTo(0.75, 2);
  });

  it('draws prices evenly over six decades, categories evenly from five', () => {
    const prices = column(bids, 'price');
    for (let decade = 2; decade < 8; decade++) {
      const inside = share(prices, (price) => price >= 10 ** decade && price < 10 ** (decade + 1));
      expect(inside).toBeCloseTo(1 / 6, 2);
    }
    expect(prices.every((price) => price >= 100 && price <= 1e8)).toBe(true);
    for (const auction of auctions) expect(auction.reserve as number).toBeGreaterThan(auction.initialBid as number);
    const categories = column(auctions, 'category');
    for (let c = 10; c < 15; c++) expect(share(categories, (value) => value === c)).toBeCloseTo(0.2, 1);
    expect(categories.every((value) => value >= 10 && value < 15)).toBe(true);
  });

  it('gives each channel one URL, and half of the bids to four channels', () => {
    const urls = new Map<string, string>();
    const others: string[] = [];
    for (const { channel, url } of bids as { channel: string; url: string }[]) {
      if ((urls.get(channel) ?? url) !== url) others.push(channel);
      urls.set(channel, url);
    }
    expect(others).toEqual([]);
    const form = /^https:\/\/www\.nexmark\.com(\/[a-z_]{3,4}){3}\/item\.htm\?query=1(&channel_id=\d+)?$/;
    expect([...urls.values()].filter((url) => !form.test(url))).toEqual([]);
    const hot = ['Apple', 'Baidu', 'Facebook', 'Google'];
    expect(bids.filter(({ channel }) => hot.includes(channel as string)).length / bids.length).toBeCloseTo(0.5, 2);
    expect(hot.map((name) => urls.get(name)).filter((url) => url?.includes('channel_id'))).toEqual([]);
    const small = [...urls].filter(([name]) => name.startsWith('channel-'));
    expect(small.length).toBe(10_000);
    expect(small.filter(([, url]) => url.includes('&channel_id=')).length / small.length).toBeCloseTo(0.9, 1);
    // The id is the number's bits in the other order, made positive.
    for (const [name, url] of small.slice(0, 100).filter(([, link]) => link.includes('&channel_id='))) {
      const bits = Number(name.slice(8)).toString(2).padStart(32, '0');
      const reversed = Math.abs(Number.parseInt([...bits].reverse().join(''), 2) | 0);
      expect(url.endsWith(`&channel_id=${reversed}`)).toBe(true);
    }
    expect([undefined, '2147483648']).toContain(urls.get('channel-1')?.split('channel_id=')[1]);
  });

  it('fills records up to the published average sizes', () => {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(bids.map(({ extra }) => (extra as string).length))).toBeCloseTo(68 - 0.5, 0);
    const auctionBytes = auctions.map(
      ({ itemName, description, extra }) => 48 + `${itemName}${description}${extra}`.length,
    );
    expect(Math.abs(mean(auctionBytes) - 500)).toBeLessThan(3);
    for (const person of people as Record<string, string>[]) {
      expect(person.emailAddress).toMatch(/^[a-z]([a-z ]*[a-z])?@[a-z]([a-z ]*[a-z])?\.com$/);
      expect(person.creditCard).toMatch(/^\d{4}( \d{4}){3}$/);
    }
  });

  it('spaces event times by the event rate and never lets one go back', () => {
    expect(column(bids, 'dateTime').every((time, i, all) => i === 0 || time >= (all[i - 1] as number))).toBe(true);
    const times = (options: Options) => column(records('all', { events: 5, ...options }), 'dateTime');
    expect(times({})).toEqual([0, 0, 0, 0, 0].map((offset) => BASE_MILLIS + offset));
    expect(times({ event_rate: 1000 })).toEqual([0, 1, 2, 3, 4].map((offset) => BASE_MILLIS + offset));
    expect(times({ event_rate: 0.5 })).toEqual([0, 2000, 4000, 6000, 8000].map((offset) => BASE_MILLIS + offset));
    expect(times({ rate: 1e6 })).toEqual(Array(5).fill(BASE_MILLIS));
    for (const auction of auctions as { dateTime: number; expires: number }[]) {
      expect(auction.expires).toBeGreaterThan(auction.dateTime);
      expect(auction.expires).toBeLessThanOrEqual(auction.dateTime + 1 + 2 * 167);
    }
  });

  it('writes times in the unit that the columns are read in, before 1970 too', () => {
    const time = (unit: MadeColumn['unit'], base: number) => {
      const columns = [{ name: 'dateTime', type: { kind: 'TIMESTAMP' }, unit }] as const;
      return madeText(memory, node('all', { events: 1, base_time: base }, columns)).slice(12, -2);
    };
    expect(time('s', 1_436_918_400_123_000)).toBe('1436918400.123');
    expect(time('us', 1_436_918_400_123_456)).toBe('1436918400123000');
    expect(time('ns', 1_436_918_400_123_000)).toBe('1436918400123000000');
    expect(time('ms', -1_500)).toBe('-2');
    expect(time('s', -1_500_000)).toBe('-1.5');
  });

  it.each<Kind>(['all', 'person', 'auction', 'bid'])('goes on behind any number of records: %s', (kind) => {
    const lines = madeText(memory, node(kind, { events: 1200 })).split('\n');
    for (const count of [0, 1, 2, 3, 4, 5, 23, 24]) {
      const next = madeTextBehind(memory, node(kind, { events: 1200 }), count);
      expect(next.split('\n')[0]).toBe(lines[count] ?? '');
    }
    const far = madeTextBehind(memory, node('bid', { events: 0 }), 46e12);
    expect(JSON.parse(far.slice(0, far.indexOf('\n'))).dateTime).toBe(BASE_MILLIS + 5e12);
  });

  it('gives events when they are due and ends after the last', () => {
    let clock = 1000;
    const source = node('all', { events: 10, rate: 100 });
    const reader = openNexmark(source.connector, { node: source, memory, now: () => clock });
    const address = memory.allocate(1 << 16);
    const lines = () => {
      const count = reader.read(memory, address, 1 << 16);
      if (count <= 0) return count;
      return memory.u8.subarray(address, address + count).filter((byte) => byte === 10).length;
    };
    const seen = [lines(), lines()];
    for (const step of [9, 1, 35, 0, 1000, 0]) {
      clock += step;
      seen.push(lines());
    }
    expect(seen).toEqual([1, READ_NOTHING, READ_NOTHING, 1, 3, READ_NOTHING, 5, READ_END]);
    expect(reader.waitDescriptor).toBeNull();
    expect(reader.sizeBytes).toBeNull();
    reader.close();
  });
});
