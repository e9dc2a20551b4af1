// NEXMARK: the events of the auction benchmark as JSON records, after the generator of Apache Beam and Flink.
//
// Event n belongs to cycle n / 50; of a cycle the first event is a person, the next three are auctions, 46 are bids.
// Ids count from 1000 per kind. What makes the load interesting:
//
//   hot auction   1 of 2 bids goes to the first auction of the latest hundred; the others to one of the last 100
//                 auctions or the next 10
//   hot bidder    3 of 4 bids come from the second person of the latest hundred; the others from one of the last 1,000
//                 people or the next 10
//   hot seller    3 of 4 auctions belong to the first person of the latest hundred; the others as for bidders
//   price         100 · 10^(6u), u uniform in [0, 1)
//   channel       1 of 2 bids comes from one of 4 large channels, the others from one of 10,000; a channel has one URL
//   expires       up to twice the time in which 100 auctions come up
//   extra         letters that bring the record to 200 (person), 500 (auction) or 100 bytes on average (bid)
//
// "The next 10" are ids that do not exist yet. Random numbers are drawn by (seed, event, place), so an event is the same
// whichever kinds and fields are asked for. Records end before the buffer does: none is cut.
import {
  MAKER_END,
  MAKER_NEXT,
  MAKER_SEED,
  NEXMARK_AUCTION,
  NEXMARK_AUCTIONS,
  NEXMARK_BID,
  NEXMARK_CHANNEL_PREFIX,
  NEXMARK_CITIES,
  NEXMARK_CITY_COUNT,
  NEXMARK_CYCLE,
  NEXMARK_FIRST_ID,
  NEXMARK_FIRST_NAME_COUNT,
  NEXMARK_FIRST_NAMES,
  NEXMARK_HOT_CHANNEL_COUNT,
  NEXMARK_HOT_CHANNELS,
  NEXMARK_KINDS,
  NEXMARK_LAST_NAME_COUNT,
  NEXMARK_LAST_NAMES,
  NEXMARK_PERSON,
  NEXMARK_RECORD_BYTES,
  NEXMARK_STATE_COUNT,
  NEXMARK_STATES,
  NEXMARK_TEXTS,
  NEXMARK_UNIT_MICROS,
  NEXMARK_URL_BEGIN,
  NEXMARK_URL_CHANNEL,
  NEXMARK_URL_END,
  TEXT_SLOT_BYTES,
  TEXT_SLOT_LENGTH,
} from './layout-makers';
import {
  nexmarkAuction,
  nexmarkExtraLength,
  nexmarkMillis,
  nexmarkPerson,
  nexmarkPrice,
  nexmarkReverseBits,
  nexmarkTextLength,
} from './nexmark-rules';
import { printI64, printPair, printU64 } from './number-print';
import { randomBase, randomBelow, randomDraw, randomLetters, randomUnit, randomWords } from './random';
import { printEpoch } from './time-print';

const CHANNEL_COUNT: u32 = 10000;
const FIRST_CATEGORY: u32 = 10;
const CATEGORY_COUNT: u32 = 5;
/** Events until as many auctions as are open at a time have come up. */
const AUCTION_EVENTS: u64 = (100 * NEXMARK_CYCLE) / NEXMARK_AUCTIONS;

const QUOTE: u8 = 34;
const SLASH: u8 = 47;
const BLANK: u32 = 32;
const UNDERSCORE: u32 = 95;

// Slots of the keys.
const EVENT_TYPE: u32 = 0;
const PERSON: u32 = 1; // id name emailAddress creditCard city state dateTime extra
const AUCTION: u32 = 9; // id itemName description initialBid reserve dateTime expires seller category extra
const BID: u32 = 19; // auction bidder price channel url dateTime extra

/**
 * Writes the records of events from MAKER_NEXT up to event MAKER_END, as many as fit into `bytes` bytes at `to` (at least
 * NEXMARK_RECORD_BYTES), and moves MAKER_NEXT on. @returns bytes written.
 */
export function nexmarkFill(state: usize, to: usize, bytes: u32): u32 {
  const kinds = load<u32>(state, NEXMARK_KINDS);
  const seed = load<u64>(state, MAKER_SEED);
  const stop = <u64>load<f64>(state, MAKER_END);
  const start = to;
  const limit = to + bytes - NEXMARK_RECORD_BYTES;
  let event = <u64>load<f64>(state, MAKER_NEXT);
  while (event < stop && to <= limit) {
    const cycle = event / NEXMARK_CYCLE;
    const place = <u32>(event - cycle * NEXMARK_CYCLE);
    const kind = place == 0 ? NEXMARK_PERSON : place <= <u32>NEXMARK_AUCTIONS ? NEXMARK_AUCTION : NEXMARK_BID;
    if (kinds & kind) {
      const record = to;
      const base = randomBase(seed, event);
      const millis = nexmarkMillis(state, event);
      if (kind == NEXMARK_BID) to = writeBid(state, cycle, millis, base, to);
      else if (kind == NEXMARK_PERSON) to = writePerson(state, cycle, millis, base, to);
      else to = writeAuction(state, event, millis, base, to);
      // Every field begins with a comma: the first one becomes the brace.
      if (to == record) to += 1;
      store<u8>(record, 123);
      store<u16>(to, 0x0a7d);
      to += 2;
    }
    event += 1;
  }
  store<f64>(state, <f64>event, MAKER_NEXT);
  return <u32>(to - start);
}

function writePerson(state: usize, cycle: u64, millis: i64, base: u64, to: usize): usize {
  to = writeType(state, 48, to);
  to = writeId(state, PERSON, cycle, to);
  const names = randomDraw(base, 0);
  const first = NEXMARK_FIRST_NAMES + randomBelow(names, NEXMARK_FIRST_NAME_COUNT);
  const last = NEXMARK_LAST_NAMES + randomBelow(names >> 32, NEXMARK_LAST_NAME_COUNT);
  if (wants(state, PERSON + 1)) {
    to = copyText(state, last, writeBlank(copyText(state, first, copyText(state, PERSON + 1, to))));
    to = closeQuote(to);
  }
  const lengths = randomDraw(base, 1);
  const user = nexmarkTextLength(lengths, 7);
  const host = nexmarkTextLength(lengths >> 32, 5);
  if (wants(state, PERSON + 2)) {
    to = copyText(state, PERSON + 2, to);
    randomWords(base, 2, user, BLANK, to);
    store<u8>(to + user, 64);
    randomWords(base, 4, host, BLANK, to + user + 1);
    to += user + 1 + host;
    store<u32>(to, 0x6d6f632e); // .com
    to = closeQuote(to + 4);
  }
  if (wants(state, PERSON + 3)) to = writeCard(randomDraw(base, 6), copyText(state, PERSON + 3, to));
  const places = randomDraw(base, 7);
  const city = NEXMARK_CITIES + randomBelow(places, NEXMARK_CITY_COUNT);
  const region = NEXMARK_STATES + randomBelow(places >> 32, NEXMARK_STATE_COUNT);
  if (wants(state, PERSON + 4)) to = closeQuote(copyText(state, city, copyText(state, PERSON + 4, to)));
  if (wants(state, PERSON + 5)) to = closeQuote(copyText(state, region, copyText(state, PERSON + 5, to)));
  to = writeTime(state, PERSON + 6, millis, to);
  if (!wants(state, PERSON + 7)) return to;
  const used =
    8 + 25 + user + host + bytesOfText(state, first) + 1 + bytesOfText(state, last) + bytesOfText(state, city) + 2;
  return writeExtra(base, 10, nexmarkExtraLength(randomDraw(base, 8), 200, used), copyText(state, PERSON + 7, to));
}

function writeAuction(state: usize, event: u64, millis: i64, base: u64, to: usize): usize {
  const cycle = event / NEXMARK_CYCLE;
  const auction = cycle * NEXMARK_AUCTIONS + (event - cycle * NEXMARK_CYCLE - 1);
  to = writeType(state, 49, to);
  to = writeId(state, AUCTION, auction, to);
  const lengths = randomDraw(base, 0);
  const name = nexmarkTextLength(lengths, 20);
  const description = nexmarkTextLength(lengths >> 32, 100);
  if (wants(state, AUCTION + 1)) to = writeWords(base, 16, name, copyText(state, AUCTION + 1, to));
  if (wants(state, AUCTION + 2)) to = writeWords(base, 32, description, copyText(state, AUCTION + 2, to));
  const initialBid = nexmarkPrice(randomDraw(base, 1));
  if (wants(state, AUCTION + 3)) to = writeNumber(initialBid, copyText(state, AUCTION + 3, to));
  if (wants(state, AUCTION + 4)) {
    to = writeNumber(initialBid + nexmarkPrice(randomDraw(base, 2)), copyText(state, AUCTION + 4, to));
  }
  to = writeTime(state, AUCTION + 5, millis, to);
  if (wants(state, AUCTION + 6)) {
    const horizon = nexmarkMillis(state, event + AUCTION_EVENTS) - millis;
    const length = 1 + <i64>(randomUnit(randomDraw(base, 3)) * <f64>max<i64>(2 * horizon, 1));
    to = writeTime(state, AUCTION + 6, millis + length, to);
  }
  if (wants(state, AUCTION + 7))
    to = writeNumber(nexmarkPerson(cycle, randomDraw(base, 4), 0), copyText(state, AUCTION + 7, to));
  if (wants(state, AUCTION + 8)) {
    const category = FIRST_CATEGORY + randomBelow(randomDraw(base, 5), CATEGORY_COUNT);
    to = writeNumber(category, copyText(state, AUCTION + 8, to));
  }
  if (!wants(state, AUCTION + 9)) return to;
  const length = nexmarkExtraLength(randomDraw(base, 6), 500, 48 + name + description);
  return writeExtra(base, 64, length, copyText(state, AUCTION + 9, to));
}

function writeBid(state: usize, cycle: u64, millis: i64, base: u64, to: usize): usize {
  to = writeType(state, 50, to);
  if (wants(state, BID)) to = writeNumber(nexmarkAuction(cycle, randomDraw(base, 0)), copyText(state, BID, to));
  if (wants(state, BID + 1))
    to = writeNumber(nexmarkPerson(cycle, randomDraw(base, 1), 1), copyText(state, BID + 1, to));
  if (wants(state, BID + 2)) to = writeNumber(nexmarkPrice(randomDraw(base, 2)), copyText(state, BID + 2, to));
  const source = randomDraw(base, 3);
  const isHot = source >> 63 == 1;
  const channel = randomBelow(source, isHot ? NEXMARK_HOT_CHANNEL_COUNT : CHANNEL_COUNT);
  if (wants(state, BID + 3)) {
    to = copyText(state, BID + 3, to);
    if (isHot) {
      to = copyText(state, NEXMARK_HOT_CHANNELS + channel, to);
    } else {
      to = copyText(state, NEXMARK_CHANNEL_PREFIX, to);
      to += printU64(channel, to);
    }
    to = closeQuote(to);
  }
  if (wants(state, BID + 4)) to = writeUrl(state, channel, isHot, copyText(state, BID + 4, to));
  to = writeTime(state, BID + 5, millis, to);
  if (!wants(state, BID + 6)) return to;
  return writeExtra(base, 8, nexmarkExtraLength(randomDraw(base, 4), 100, 32), copyText(state, BID + 6, to));
}

/** Where a channel's page is: three folders that depend on the channel alone; nine of ten small ones name themselves. */
function writeUrl(state: usize, channel: u32, isHot: bool, to: usize): usize {
  const base = randomBase(load<u64>(state, MAKER_SEED), ~(<u64>channel + (isHot ? <u64>CHANNEL_COUNT : 0)));
  const lengths = randomDraw(base, 0);
  to = copyText(state, NEXMARK_URL_BEGIN, to);
  for (let folder: u32 = 0; folder < 3; folder++) {
    const length = 3 + (<u32>(lengths >> folder) & 1);
    randomWords(base, 2 + 2 * folder, length, UNDERSCORE, to);
    store<u8>(to + length, SLASH);
    to += length + 1;
  }
  to = copyText(state, NEXMARK_URL_END, to);
  if (!isHot && lengths >> 32 > 429496729) {
    to = copyText(state, NEXMARK_URL_CHANNEL, to);
    to += printU64(<u32>abs<i32>(<i32>nexmarkReverseBits(channel)), to);
  }
  return closeQuote(to);
}

/** Four groups of four digits. */
function writeCard(draw: u64, to: usize): usize {
  for (let group: u32 = 0; group < 4; group++) {
    const number = ((<u32>(draw >> (16 * group)) & 0xffff) * 10000) >> 16;
    printPair(number / 100, to);
    printPair(number % 100, to + 2);
    store<u8>(to, 32, 4);
    to += 5;
  }
  return closeQuote(to - 1);
}

@inline
function writeExtra(base: u64, index: u32, length: u32, to: usize): usize {
  randomLetters(base, index, length, to);
  return closeQuote(to + length);
}

@inline
function writeWords(base: u64, index: u32, length: u32, to: usize): usize {
  randomWords(base, index, length, BLANK, to);
  return closeQuote(to + length);
}

@inline
function writeType(state: usize, digit: u8, to: usize): usize {
  if (!wants(state, EVENT_TYPE)) return to;
  to = copyText(state, EVENT_TYPE, to);
  store<u8>(to, digit);
  return to + 1;
}

@inline
function writeId(state: usize, slot: u32, number: u64, to: usize): usize {
  return wants(state, slot) ? writeNumber(NEXMARK_FIRST_ID + number, copyText(state, slot, to)) : to;
}

@inline
function writeTime(state: usize, slot: u32, millis: i64, to: usize): usize {
  if (!wants(state, slot)) return to;
  to = copyText(state, slot, to);
  const unit = load<u32>(state, NEXMARK_UNIT_MICROS);
  return to + (unit == 1000 ? printI64(millis, to) : printEpoch(millis * 1000, unit, to));
}

@inline
function writeNumber(value: u64, to: usize): usize {
  return to + printU64(value, to);
}

@inline
function writeBlank(to: usize): usize {
  store<u8>(to, 32);
  return to + 1;
}

@inline
function closeQuote(to: usize): usize {
  store<u8>(to, QUOTE);
  return to + 1;
}

@inline
function textSlot(state: usize, slot: u32): usize {
  return state + NEXMARK_TEXTS + <usize>slot * TEXT_SLOT_BYTES;
}

@inline
function bytesOfText(state: usize, slot: u32): u32 {
  return load<u8>(textSlot(state, slot), TEXT_SLOT_LENGTH);
}

/** Whether the field of a key is asked for. */
@inline
function wants(state: usize, slot: u32): bool {
  return bytesOfText(state, slot) != 0;
}

/** Copies a text; writes 32 bytes. */
@inline
function copyText(state: usize, slot: u32, to: usize): usize {
  const from = textSlot(state, slot);
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  return to + load<u8>(from, TEXT_SLOT_LENGTH);
}
