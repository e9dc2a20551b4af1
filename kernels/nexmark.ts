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
  NEXMARK_URL_BEGIN,
  NEXMARK_URL_CHANNEL,
  NEXMARK_URL_END,
} from './layout-makers';
import {
  nexmarkCloseQuote,
  nexmarkCopyText,
  nexmarkWants,
  nexmarkWriteBlank,
  nexmarkWriteCard,
  nexmarkWriteExtra,
  nexmarkWriteId,
  nexmarkWriteNumber,
  nexmarkWriteTime,
  nexmarkWriteWords,
  nexmarkTextBytes,
} from './nexmark-fields';
import {
  nexmarkAuction,
  nexmarkExtraLength,
  nexmarkMillis,
  nexmarkPerson,
  nexmarkPrice,
  nexmarkReverseBits,
  nexmarkTextLength,
} from './nexmark-rules';
import { printU64 } from './number-print';
import { randomBase, randomBelow, randomDraw, randomUnit, randomWords } from './random';

const CHANNEL_COUNT: u32 = 10000;
const FIRST_CATEGORY: u32 = 10;
const CATEGORY_COUNT: u32 = 5;
/** Events until as many auctions as are open at a time have come up. */
const AUCTION_EVENTS: u64 = (100 * NEXMARK_CYCLE) / NEXMARK_AUCTIONS;

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
  to = nexmarkWriteId(state, PERSON, cycle, to);
  const names = randomDraw(base, 0);
  const first = NEXMARK_FIRST_NAMES + randomBelow(names, NEXMARK_FIRST_NAME_COUNT);
  const last = NEXMARK_LAST_NAMES + randomBelow(names >> 32, NEXMARK_LAST_NAME_COUNT);
  if (nexmarkWants(state, PERSON + 1)) {
    to = nexmarkCopyText(
      state,
      last,
      nexmarkWriteBlank(nexmarkCopyText(state, first, nexmarkCopyText(state, PERSON + 1, to))),
    );
    to = nexmarkCloseQuote(to);
  }
  const lengths = randomDraw(base, 1);
  const user = nexmarkTextLength(lengths, 7);
  const host = nexmarkTextLength(lengths >> 32, 5);
  if (nexmarkWants(state, PERSON + 2)) {
    to = nexmarkCopyText(state, PERSON + 2, to);
    randomWords(base, 2, user, BLANK, to);
    store<u8>(to + user, 64);
    randomWords(base, 4, host, BLANK, to + user + 1);
    to += user + 1 + host;
    store<u32>(to, 0x6d6f632e); // .com
    to = nexmarkCloseQuote(to + 4);
  }
  if (nexmarkWants(state, PERSON + 3))
    to = nexmarkWriteCard(randomDraw(base, 6), nexmarkCopyText(state, PERSON + 3, to));
  const places = randomDraw(base, 7);
  const city = NEXMARK_CITIES + randomBelow(places, NEXMARK_CITY_COUNT);
  const region = NEXMARK_STATES + randomBelow(places >> 32, NEXMARK_STATE_COUNT);
  if (nexmarkWants(state, PERSON + 4))
    to = nexmarkCloseQuote(nexmarkCopyText(state, city, nexmarkCopyText(state, PERSON + 4, to)));
  if (nexmarkWants(state, PERSON + 5))
    to = nexmarkCloseQuote(nexmarkCopyText(state, region, nexmarkCopyText(state, PERSON + 5, to)));
  to = nexmarkWriteTime(state, PERSON + 6, millis, to);
  if (!nexmarkWants(state, PERSON + 7)) return to;
  const used =
    8 +
    25 +
    user +
    host +
    nexmarkTextBytes(state, first) +
    1 +
    nexmarkTextBytes(state, last) +
    nexmarkTextBytes(state, city) +
    2;
  return nexmarkWriteExtra(
    base,
    10,
    nexmarkExtraLength(randomDraw(base, 8), 200, used),
    nexmarkCopyText(state, PERSON + 7, to),
  );
}

function writeAuction(state: usize, event: u64, millis: i64, base: u64, to: usize): usize {
  const cycle = event / NEXMARK_CYCLE;
  const auction = cycle * NEXMARK_AUCTIONS + (event - cycle * NEXMARK_CYCLE - 1);
  to = writeType(state, 49, to);
  to = nexmarkWriteId(state, AUCTION, auction, to);
  const lengths = randomDraw(base, 0);
  const name = nexmarkTextLength(lengths, 20);
  const description = nexmarkTextLength(lengths >> 32, 100);
  if (nexmarkWants(state, AUCTION + 1)) to = nexmarkWriteWords(base, 16, name, nexmarkCopyText(state, AUCTION + 1, to));
  if (nexmarkWants(state, AUCTION + 2))
    to = nexmarkWriteWords(base, 32, description, nexmarkCopyText(state, AUCTION + 2, to));
  const initialBid = nexmarkPrice(randomDraw(base, 1));
  if (nexmarkWants(state, AUCTION + 3)) to = nexmarkWriteNumber(initialBid, nexmarkCopyText(state, AUCTION + 3, to));
  if (nexmarkWants(state, AUCTION + 4)) {
    to = nexmarkWriteNumber(initialBid + nexmarkPrice(randomDraw(base, 2)), nexmarkCopyText(state, AUCTION + 4, to));
  }
  to = nexmarkWriteTime(state, AUCTION + 5, millis, to);
  if (nexmarkWants(state, AUCTION + 6)) {
    const horizon = nexmarkMillis(state, event + AUCTION_EVENTS) - millis;
    const length = 1 + <i64>(randomUnit(randomDraw(base, 3)) * <f64>max<i64>(2 * horizon, 1));
    to = nexmarkWriteTime(state, AUCTION + 6, millis + length, to);
  }
  if (nexmarkWants(state, AUCTION + 7))
    to = nexmarkWriteNumber(nexmarkPerson(cycle, randomDraw(base, 4), 0), nexmarkCopyText(state, AUCTION + 7, to));
  if (nexmarkWants(state, AUCTION + 8)) {
    const category = FIRST_CATEGORY + randomBelow(randomDraw(base, 5), CATEGORY_COUNT);
    to = nexmarkWriteNumber(category, nexmarkCopyText(state, AUCTION + 8, to));
  }
  if (!nexmarkWants(state, AUCTION + 9)) return to;
  const length = nexmarkExtraLength(randomDraw(base, 6), 500, 48 + name + description);
  return nexmarkWriteExtra(base, 64, length, nexmarkCopyText(state, AUCTION + 9, to));
}

function writeBid(state: usize, cycle: u64, millis: i64, base: u64, to: usize): usize {
  to = writeType(state, 50, to);
  if (nexmarkWants(state, BID))
    to = nexmarkWriteNumber(nexmarkAuction(cycle, randomDraw(base, 0)), nexmarkCopyText(state, BID, to));
  if (nexmarkWants(state, BID + 1))
    to = nexmarkWriteNumber(nexmarkPerson(cycle, randomDraw(base, 1), 1), nexmarkCopyText(state, BID + 1, to));
  if (nexmarkWants(state, BID + 2))
    to = nexmarkWriteNumber(nexmarkPrice(randomDraw(base, 2)), nexmarkCopyText(state, BID + 2, to));
  const source = randomDraw(base, 3);
  const isHot = source >> 63 == 1;
  const channel = randomBelow(source, isHot ? NEXMARK_HOT_CHANNEL_COUNT : CHANNEL_COUNT);
  if (nexmarkWants(state, BID + 3)) {
    to = nexmarkCopyText(state, BID + 3, to);
    if (isHot) {
      to = nexmarkCopyText(state, NEXMARK_HOT_CHANNELS + channel, to);
    } else {
      to = nexmarkCopyText(state, NEXMARK_CHANNEL_PREFIX, to);
      to += printU64(channel, to);
    }
    to = nexmarkCloseQuote(to);
  }
  if (nexmarkWants(state, BID + 4)) to = writeUrl(state, channel, isHot, nexmarkCopyText(state, BID + 4, to));
  to = nexmarkWriteTime(state, BID + 5, millis, to);
  if (!nexmarkWants(state, BID + 6)) return to;
  return nexmarkWriteExtra(
    base,
    8,
    nexmarkExtraLength(randomDraw(base, 4), 100, 32),
    nexmarkCopyText(state, BID + 6, to),
  );
}

/** Where a channel's page is: three folders that depend on the channel alone; nine of ten small ones name themselves. */
function writeUrl(state: usize, channel: u32, isHot: bool, to: usize): usize {
  const base = randomBase(load<u64>(state, MAKER_SEED), ~(<u64>channel + (isHot ? <u64>CHANNEL_COUNT : 0)));
  const lengths = randomDraw(base, 0);
  to = nexmarkCopyText(state, NEXMARK_URL_BEGIN, to);
  for (let folder: u32 = 0; folder < 3; folder++) {
    const length = 3 + (<u32>(lengths >> folder) & 1);
    randomWords(base, 2 + 2 * folder, length, UNDERSCORE, to);
    store<u8>(to + length, SLASH);
    to += length + 1;
  }
  to = nexmarkCopyText(state, NEXMARK_URL_END, to);
  if (!isHot && lengths >> 32 > 429496729) {
    to = nexmarkCopyText(state, NEXMARK_URL_CHANNEL, to);
    to += printU64(<u32>abs<i32>(<i32>nexmarkReverseBits(channel)), to);
  }
  return nexmarkCloseQuote(to);
}

@inline
function writeType(state: usize, digit: u8, to: usize): usize {
  if (!nexmarkWants(state, EVENT_TYPE)) return to;
  to = nexmarkCopyText(state, EVENT_TYPE, to);
  store<u8>(to, digit);
  return to + 1;
}
